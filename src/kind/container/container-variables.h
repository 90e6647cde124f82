/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables in values that are needed before a start. */
#pragma once

#include "kind/container/container.h"

/* Reports the keys whose values a daemon-reload needs and does not know: errors for what becomes a
 * setting of the unit, a warning for an image that is not pulled. At a start there are none. */
void container_check_variables(const Container *container, Diagnostics *diagnostics);
