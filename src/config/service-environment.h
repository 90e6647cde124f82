/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a file says of its service's environment. */
#pragma once

#include "source/ini-file.h"
#include "source/specifiers.h"

/* Appends the assignments of Environment= in [Service]; none when EnvironmentFile= is there, too,
 * which is read at a start and may say otherwise, unless `context` is of one. No file is read
 * here. Returns 0 or -ENOMEM. */
int service_environment_find(const UnitFile *unit, const SpecifierContext *context, StringList *ret);
