/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From Quadlet to here, and back. Each step can be the last: the next migration begins by going
 * back to where this one began (migrate-record.h). Podman's images, volumes, networks and secrets
 * are read and never changed; its files in Quadlet's directories get another name. */
#pragma once

#include "image/pull.h"
#include "start/migrate/migrate-plan.h"

typedef struct MigrateReporter {
        PullReporter pull; /* for images; its `userdata` is for all */
        void (*say)(const char *line, void *userdata);     /* what is being done */
        void (*failed)(int error, const char *what, void *userdata); /* what has gone wrong; `error` may be 0 */
} MigrateReporter;

/* Undoes what an earlier migration of these directories has left half done, without starting
 * anything: plans are made after that. Returns 1 when there was something, 0, or -errno, which has
 * been reported. The caller holds migrate_record_lock(). */
int migrate_recover(const StringList *directories, const MigrateReporter *reporter);

/* Brings all of the plan over. Once Quadlet's services have been stopped, a failure goes back to
 * them. The caller holds migrate_record_lock(). Returns 0, or -EREPORTED. */
int migrate_run(MigratePlan *plan, const MigrateReporter *reporter);

/* Goes back to Quadlet, with all files or with `only` those, if there are any, and podman's data as
 * they were. Volumes of ours stay. As above. */
int migrate_back(const StringList *directories, const StringList *only, const MigrateReporter *reporter);
