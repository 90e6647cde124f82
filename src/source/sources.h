/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files there are and in which order they are read: the search path, masks, templates and
 * drop-in directories. */
#pragma once

#include "source/ini-file.h"
#include "source/source.h"
#include "source/specifiers.h"

/* All units' files, by type and stem. Zero-initialise with {}. */
typedef struct Sources {
        Source *items;
        size_t count;
        size_t allocated;
        struct SourceWalk *walk; /* what sources_scan() has seen, for instances; or NULL */
} Sources;

/* The directories to search, most important first. BERTH_UNIT_PATH (a colon-separated list)
 * replaces the default as SYSTEMD_UNIT_PATH does for systemd (an empty last element appends the
 * default), which is that of places_add_search_path(). Returns 0 or -ENOMEM. */
int search_path_get(Scope scope, StringList *ret);

/* Returns whether that is where this machine's files are. Who names other directories may be
 * looking at those of another: what is installed here is not to be judged with them. */
bool search_path_is_of_machine(void);

/* Finds every file below the search path, subdirectories included (a directory's own files come
 * before those in its subdirectories, which come by name; symlinks to directories are followed,
 * each directory is visited once), first hit wins. Not entered: hidden directories, "*.d" as
 * subdirectories, and, directly below a search directory, "bundles", "runtime", "secrets" and
 * "users": berth's own state and data, of which a container may write some; and below a search
 * directory "users" those of a number: other users' ones.
 *
 * Drop-ins come from container.d/, foo-.container.d/, foo-bar-.container.d/ (of a template or
 * instance, foo-@.container.d/ as well), foo-bar@.container.d/, foo-bar@inst.container.d/, or
 * foo-bar.container.d/, in every directory that is searched. They are read by file name over all of
 * them; of several of the same name that in the more specific directory counts (the later in this
 * list), then that in the earlier search directory. One that is empty or a link to /dev/null takes
 * those of its name away.
 *
 * There is an end to all of this, see source-walk.h; a symlink to a directory of the system is not
 * followed. Both are warnings.
 *
 * Directories that cannot be read, dangling links and what is no regular file are reported as
 * warnings. Sorted by type and stem. `diagnostics` may be NULL. Returns 0 or -ENOMEM. */
int sources_scan(const StringList *search_path, Sources *ret, Diagnostics *diagnostics);

/* The same below the search path of the scope. */
int sources_scan_scope(Scope scope, Sources *ret, Diagnostics *diagnostics);

/* The unit of this type and stem; an instance without a file finds NULL (see source_find()).
 * Borrowed. */
const Source *sources_find(const Sources *sources, FileType type, const char *stem);

/* The same, but an instance without a file finds its template's. Borrowed; NULL also when memory is
 * short. */
const Source *sources_find_or_template(const Sources *sources, FileType type, const char *stem);

/* The stem of a file of this type that a mistyped one may have been meant for, NULL when there is
 * none, or there are too many files to look through. Borrowed. */
const char *sources_find_nearest(const Sources *sources, FileType type, const char *stem);

/* Adds the instance "web@a" of the template "web@", with the drop-ins of both, unless it is there.
 * `ret` (may be NULL) borrows it; earlier borrowed pointers become invalid. Returns 0, -ENOENT when
 * there is no such template, or -ENOMEM. */
int sources_add_instance(Sources *sources, const StringList *search_path, FileType type, const char *stem,
                         const Source **ret);

/* Finds one unit's files without reading anything of the others; an instance falls back to its
 * template. Returns 0, -ENOENT, or -ENOMEM. */
int source_find(const StringList *search_path, FileType type, const char *stem, Source *ret);

/* The same below the search path of the scope. */
int source_find_scope(Scope scope, FileType type, const char *stem, Source *ret);

/* The Source of a file named by its path, for `berth check FILE`: no search, drop-ins only from
 * directories beside it. Returns 0, -EINVAL when its name is none of ours or it is no regular file,
 * -EISDIR, or another -errno. */
int source_from_path(const char *path, Source *ret);

/* Reads the main file and the drop-ins. A file that cannot be read is a diagnostic (an error), and
 * so is one that was found, but fails trusted_file_check(). Returns 0 or -ENOMEM. */
int source_read(const Source *source, UnitFile *ret, Diagnostics *diagnostics);

void sources_done(Sources *sources);
#define _cleanup_sources_ _cleanup_(sources_done)
