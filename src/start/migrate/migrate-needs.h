/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one file refers to of podman's, and what differs in it. */
#pragma once

#include "start/migrate/migrate-parts.h"

/* Adds to the plan what the file of Quadlet's needs: images, volumes, secrets, files beside it, and
 * drop-ins with what podman has chosen. `to` is where its copy will be. What is wrong goes to the
 * plan's diagnostics. Returns 0 or -errno. */
int migrate_needs_add(MigratePlan *plan, const Source *source, const char *to);

/* Looks for names of images that only podman knows: short ones, and those of .build files. As
 * above. */
int migrate_check_names(MigratePlan *plan, const Source *source);
