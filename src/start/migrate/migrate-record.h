/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a migration notes down before it changes anything, PLACE_MIGRATION/record: with it the next
 * one goes on from wherever this one has ended, and "back" goes back. */
#pragma once

#include "basic/string-list.h"

/* Zero-initialise with {}. */
typedef struct MigrateRecord {
        StringList services; /* of Quadlet's: "web.service" … */
        StringList units;    /* … and as many of ours, that are to run in their place: "container@web.service" */
        StringList files;    /* of Quadlet's, as they were called before they were renamed */
        StringList volumes;  /* of ours that nobody relies on yet: they may be filled anew */
        StringList copies;   /* files of ours that are copied beside those of units */
        StringList kept;     /* the same, of migrations that are done, for "back" */
} MigrateRecord;

/* Keeps other migrations from beginning. Returns an fd whose closing ends that, owned by the
 * caller, or -errno. */
int migrate_record_lock(void);

/* Makes of one that is being done one that is done, or undone: then its copies are gone. Returns 0
 * or -ENOMEM. */
int migrate_record_end(MigrateRecord *record, bool is_done);

/* Adds a pair unless it is there. Returns 0 or -ENOMEM. */
int migrate_record_add(MigrateRecord *record, const char *service, const char *unit);

/* Reads it; nothing when there is none. Returns 1 when there was one, 0, or -errno. */
int migrate_record_read(MigrateRecord *ret);

/* Writes it, so that it outlasts a loss of power, or removes it when there is nothing to it.
 * Returns 0 or -errno. */
int migrate_record_write(const MigrateRecord *record);

void migrate_record_done(MigrateRecord *record);
#define _cleanup_migrate_record_ _cleanup_(migrate_record_done)
