/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be brought over from Quadlet, found out without changing anything. */
#pragma once

#include "start/migrate/migrate-parts.h"

/* Finds out what there is in the directories, of all files or of `only` those, if there are any.
 * What is in the way, or cannot be brought over, is in the diagnostics. Returns 0, -ENOENT without
 * podman, -EREMOTEIO when that has failed, or another -errno. */
int migrate_plan_make(const StringList *directories, const StringList *only, MigratePlan *ret);
