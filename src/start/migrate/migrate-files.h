/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a migration: from Quadlet's directories to ours, and back. */
#pragma once

#include "start/migrate/migrate-parts.h"

/* Renames Quadlet's files, so that no unit is made of them any more, and puts the copies and
 * drop-ins in place. Returns 0 or -errno of the file in `ret_failed`, borrowed from the plan. */
int migrate_files_put(const MigratePlan *plan, const char **ret_failed);

/* Undoes that, however far it had come: each of the `files` in the directories has its name again,
 * and its copy below `home` goes; one that was changed meanwhile stays, as NAME.changed, which
 * nobody reads. So do `copies` of other files, below `home`, that are still such, and directories
 * in which nothing is left. Returns 0 or the first -errno, with what it
 * is of in `ret_failed`, which the caller frees. */
int migrate_files_restore(const StringList *directories, const char *home, const StringList *files,
                          const StringList *copies, char **ret_failed);

/* Appends the files that have been brought over, or of those `only` which had these names, if there
 * are any: the names that they had, and the paths of their copies below `home`. Returns 0 or
 * -errno. */
int migrate_files_list(const StringList *directories, const char *home, const StringList *only,
                       StringList *ret_originals, StringList *ret_copies);
