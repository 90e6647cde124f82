/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman keeps, copied to where we keep it. What is a user's other IDs', of images and
 * volumes, a process of its own reads and writes: the root of the user's namespace. */
#pragma once

#include "image/pull.h"
#include "start/migrate/migrate-parts.h"

/* Has the image in our store: from podman's, or where podman has it not, from its registry. As
 * pull(). */
int migrate_image(const PullRequest *request, const PullReporter *reporter);

/* Makes a credential of podman's secret below `home`, encrypted where the machine can do that.
 * Returns 1 when it is encrypted, 0 when it is not, or as podman_read_secret(). */
int migrate_secret(const char *name, const char *home);

/* Looks how large podman's volumes are, and whether ours have something in them: the plan's
 * `looks`. Returns 0 or -errno. */
int migrate_look_at_volumes(MigratePlan *plan);

/* Makes sure that there is room for copies of the volumes. Returns 0, -ENOSPC, or another
 * -errno. */
int migrate_check_space(const MigratePlan *plan);

/* Replaces the content of our volume by that of podman's, as a whole. Returns 0 or -errno; -ELOOP
 * when it is deeper than 128 levels. */
int migrate_volume(MigrateVolume *volume);
