/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part of container_check_supported(), for a user's service manager. */
#pragma once

#include "kind/container/container.h"

/* Reports what a container of a user's cannot have, or cannot have yet, and what can be said
 * instead. */
void container_check_of_user(const Container *container, Diagnostics *diagnostics);
