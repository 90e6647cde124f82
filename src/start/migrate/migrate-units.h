/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services of a migration: Quadlet's, and ours. */
#pragma once

#include "host/unit/unit-list.h"
#include "start/migrate/migrate-record.h"
#include "source/sources.h"

/* Returns whether a file of Quadlet's becomes one of ours; the rest stays with Quadlet. */
bool migrate_is_taken(const Source *source);

/* Whose services are looked at. */
typedef enum MigrateSide {
        MIGRATE_QUADLETS,
        MIGRATE_OURS,
} MigrateSide;

/* Adds the pairs of services, of the files that are in the directories, of which that on `side` is
 * up in `states`; instances of templates that run without a file are added to `sources`. Returns 0
 * or -errno. */
int migrate_units_find(const StringList *directories, const StringList *search_path, MigrateSide side,
                       const UnitStates *states, Sources *sources, MigrateRecord *ret);

/* Has systemctl(1) do that, and waits for it; what goes wrong it says itself. `units` may be NULL:
 * none are named. Returns 0, -EREMOTEIO when it has failed, or another -errno. */
int migrate_systemctl(const char *verb, const StringList *units);

/* Has the manager forget that units have failed, as those may that are stopped in the middle of
 * their start. As migrate_systemctl(). */
int migrate_units_forget_failures(const StringList *units);

/* Waits until the started units are well: containers with a health check are healthy, the others
 * have not failed at once. Returns 0; -EREMOTEIO with the name of one that is not, borrowed; or
 * another -errno. */
int migrate_units_wait(const StringList *units, const char **ret_failed);
