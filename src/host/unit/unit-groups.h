/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control groups of many units, found without asking for each. */
#pragma once

#include "basic/alloc.h"

/* Is told of a unit's group, `name` in `slice` ("/system.slice"). Returns 0 or -errno. */
typedef int (*UnitGroupFound)(const char *slice, const char *name, void *userdata);

/* Tells of each group in the slices below `root`, but for the slices: the manager's own group, ""
 * for that of the machine. There is none but where all controllers are in the unified hierarchy.
 * Returns 0, -ENOMEM, or the error of `found`. */
int unit_groups_find(const char *root, UnitGroupFound found, void *userdata);
