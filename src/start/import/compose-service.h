/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One service of a file of compose. */
#pragma once

#include "start/import/compose-value.h"

/* Adds the file of the service. Memory that was short is in the file's lines, too. Returns 0 or
 * -ENOMEM. */
int compose_service_add(Compose *compose, const YamlItem *service);
