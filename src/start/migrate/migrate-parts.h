/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a migration consists of. */
#pragma once

#include "image/pull-request.h"
#include "kind/container/container.h"
#include "start/migrate/migrate-record.h"
#include "start/migrate/podman-store.h"

/* The ending that a file of Quadlet's gets once ours is in its place. */
#define MIGRATED_ENDING ".migrated"
/* What is made beside the copies, in their drop-in directories. */
#define MIGRATED_DROP_IN "50-migrated.conf"

/* A file that is copied. */
typedef struct MigrateFile {
        char *from, *to;
        bool is_unit; /* Quadlet makes a unit of it, so that it is renamed */
} MigrateFile;

/* A drop-in that is made, with what podman has chosen by itself. */
typedef struct MigrateDropIn {
        char *path, *text;
} MigrateDropIn;

typedef struct MigrateVolume {
        char *podman_name, *name; /* podman's and ours */
        char *path;               /* where podman has it */
        char *file;               /* what refers to it, and where in there */
        unsigned line, column;
} MigrateVolume;

/* What is found out about a volume where its files can be read. */
typedef struct MigrateVolumeLook {
        uint64_t bytes;   /* that podman's takes on disk */
        bool is_occupied; /* ours has something in it */
} MigrateVolumeLook;

enum { MIGRATE_FILE_MAX = 16 << 20 /* an environment file may be larger than a unit's */ };

/* Zero-initialise with {}. */
typedef struct MigratePlan {
        StringList directories; /* Quadlet's, absolute and without symlinks */
        StringList only;        /* files in them that are brought over, the same way; none: all of them */
        StringList search_path; /* those and ours */
        char *home;             /* ours, for what is copied */
        Sources sources;
        PodmanStore podman;
        MigrateRecord record;  /* of an earlier one that has not ended */
        MigrateRecord running; /* the services that run, with the units that are to */
        MigrateFile *files;
        size_t file_count, files_allocated;
        MigrateDropIn *drop_ins;
        size_t drop_in_count, drop_ins_allocated;
        PullRequest *images; /* `source` is set of those that podman has */
        size_t image_count, images_allocated;
        MigrateVolume *volumes;
        MigrateVolumeLook *looks; /* of as many volumes, or NULL */
        size_t volume_count, volumes_allocated;
        StringList secrets; /* names, of those that berth has not */
        StringList notes;   /* "FILE:LINE:COLUMN: note: KEY=: what differs" */
        Diagnostics diagnostics;
} MigratePlan;

/* Finds where below one of the directories a path is: what follows the directory, borrowed; or
 * NULL. */
const char *migrate_relative(const StringList *directories, const char *path);

/* Puts the directories into their one form. A file, by the name that it has or had before it was
 * brought over, is added to `ret_files` in the same form, and to the directories that which it is
 * in: `standard`, or else its own. Returns 0, or -errno of the one in `ret_failed`, borrowed. */
int migrate_directories(const StringList *named, const char *standard, StringList *ret, StringList *ret_files,
                        const char **ret_failed);

/* Returns whether a file of the directories is to be brought over. */
bool migrate_plan_has(const MigratePlan *plan, const char *path);

/* Returns 1 when both files (or links to one beside them) say the same, 0 when they do not, -ENOENT
 * when `to` is not there, or another -errno. */
int migrate_same_content(const char *from, const char *to);

/* Reads what an instance's file is: a link to its template's, beside it. Returns 1, 0 for another
 * file, or -errno. Caller frees. */
int migrate_read_link(const char *path, char **ret);

/* Adds a file, unless it is in the plan. Returns 0 or -ENOMEM. */
int migrate_plan_add_file(MigratePlan *plan, const char *from, const char *to, bool is_unit);

void migrate_plan_done(MigratePlan *plan);
#define _cleanup_migrate_plan_ _cleanup_(migrate_plan_done)
