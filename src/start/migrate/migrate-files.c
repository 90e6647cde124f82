/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a migration. All of this is in directories that are root's alone, which the plan has
 * made sure of (source/trusted-file.h): nobody exchanges anything meanwhile. */
#include "start/migrate/migrate-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/siblings.h"

enum { DEEPEST = 32 /* directories in each other */ };

/* Without what a migration that was killed here has left. */
static int make_parent(const char *path) {
        _cleanup_free_ char *directory = path_dirname(path);
        int r = directory ? make_directories_at(AT_FDCWD, directory, 0755) : -ENOMEM;

        return r < 0 ? r : sweep_temporary_files(directory);
}

static int put_text(const char *path, const char *text, size_t size, mode_t mode) {
        int r = make_parent(path);

        return r < 0 ? r : write_file_durable_at(AT_FDCWD, path, text, size, mode);
}

/* What may be read by whom stays so: an environment file may have passwords in it. */
static int copy_file(const char *from, const char *to) {
        _cleanup_free_ char *target = NULL, *text = NULL;
        struct stat st;
        size_t size;
        int r;

        r = migrate_read_link(from, &target);
        if (r > 0) {
                r = make_parent(to);
                if (r >= 0)
                        r = symlink_atomic_at(target, AT_FDCWD, to);
                return r < 0 ? r : sync_parent_at(AT_FDCWD, to);
        }
        if (r >= 0)
                r = stat(from, &st) < 0 ? -errno : 0;
        if (r >= 0)
                r = read_file_at(AT_FDCWD, from, MIGRATE_FILE_MAX, &text, &size);
        return r < 0 ? r : put_text(to, text, size, st.st_mode & 0777);
}

/* What has been renamed before it was interrupted stays so. */
static int rename_away(const char *path, const char *renamed) {
        if (renameat2(AT_FDCWD, path, AT_FDCWD, renamed, RENAME_NOREPLACE) < 0)
                return errno == ENOENT ? 0 : -errno;
        return sync_parent_at(AT_FDCWD, path);
}

static int put_file(const MigrateFile *file) {
        _cleanup_free_ char *renamed = file->is_unit ? text_format("%s" MIGRATED_ENDING, file->from) : NULL;
        int r;

        if (file->is_unit && !renamed)
                return -ENOMEM;
        r = renamed ? rename_away(file->from, renamed) : 0;
        return r < 0 ? r : copy_file(renamed ?: file->from, file->to);
}

int migrate_files_put(const MigratePlan *plan, const char **ret_failed) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->drop_in_count; i++) {
                *ret_failed = plan->drop_ins[i].path;
                r = put_text(plan->drop_ins[i].path, plan->drop_ins[i].text, strlen(plan->drop_ins[i].text), 0644);
        }
        /* A drop-in without its file is nothing: files come last. */
        for (size_t pass = 0; pass < 2; pass++)
                for (size_t i = 0; r >= 0 && i < plan->file_count; i++) {
                        *ret_failed = plan->files[i].from;
                        if (plan->files[i].is_unit == (pass == 1))
                                r = put_file(&plan->files[i]);
                }
        return r;
}

/* Back */

/* What is found in Quadlet's directories. */
typedef struct Walk {
        const StringList *directories;
        const char *home;
        const StringList *only; /* the names that files had before, or NULL: all */
        /* Is called for each file that has been brought over, with the name it had and where the
         * copy is, that one with the ending, too. Returns 0 or -errno, which ends the walk. */
        int (*visit)(const struct Walk *walk, const char *path, const char *original, const char *copy);
        StringList *originals, *copies; /* of who lists them */
        char *failed; /* the path that could not be visited */
} Walk;

/* Finds whether it is a file that has been brought over, and then what it was called before.
 * Returns 1, 0 or -ENOMEM. */
static int find_original(const char *path, char **ret) {
        const char *name = path_basename(path), *ending = endswith(name, MIGRATED_ENDING);
        _cleanup_free_ char *original = ending ? strndup(name, (size_t) (ending - name)) : NULL, *stem = NULL;
        FileType type;
        int r;

        if (!ending)
                return 0;
        r = original ? file_name_parse(original, &type, &stem) : -ENOMEM;
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        *ret = strndup(path, (size_t) (ending - path));
        return *ret ? 1 : -ENOMEM;
}

static int walk_file(Walk *walk, const char *path) {
        _cleanup_free_ char *original = NULL, *copy = NULL;
        int r = find_original(path, &original);

        if (r <= 0 || (walk->only && !string_list_contains(walk->only, original)))
                return r < 0 ? r : 0;
        copy = path_join(walk->home, migrate_relative(walk->directories, path));
        return copy ? walk->visit(walk, path, original, copy) : -ENOMEM;
}

static int walk_directory(Walk *walk, const char *directory, unsigned depth);

static int walk_entry(Walk *walk, const char *path, unsigned depth) {
        if (source_is_directory(path))
                return depth < DEEPEST ? walk_directory(walk, path, depth + 1) : 0;
        return walk_file(walk, path);
}

static int walk_directory(Walk *walk, const char *directory, unsigned depth) {
        _cleanup_string_list_ StringList names = {};
        int r = directory_list(directory, &names);

        for (size_t i = 0; r >= 0 && i < names.count; i++) {
                _cleanup_free_ char *path = path_join(directory, names.items[i]);

                r = path ? walk_entry(walk, path, depth) : -ENOMEM;
                if (r < 0 && !walk->failed)
                        walk->failed = TAKE_PTR(path);
        }
        return r;
}

static int walk_all(Walk *walk) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < walk->directories->count; i++)
                r = walk_directory(walk, walk->directories->items[i], 0);
        return r;
}

static int take_copy_away(const char *original, const char *copy) {
        _cleanup_free_ char *changed = NULL;
        int r = migrate_same_content(original, copy);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (r > 0)
                return unlink(copy) < 0 ? -errno : 0;
        changed = text_format("%s.changed", copy);
        if (!changed)
                return -ENOMEM;
        return rename(copy, changed) < 0 ? -errno : 0;
}

/* A directory goes with what was last in it, up to our own. */
static void remove_empty(const char *directory, const char *home) {
        _cleanup_free_ char *path = strdup(directory);

        while (path && path_is_below(path, home) && !streq(path, home) && rmdir(path) >= 0) {
                char *parent = path_dirname(path);

                free(path);
                path = parent;
        }
}

static int remove_drop_in(const char *copy) {
        _cleanup_free_ char *directory = text_format("%s.d", copy),
                            *path = text_format("%s.d/" MIGRATED_DROP_IN, copy);

        int r = directory && path ? sweep_temporary_files(directory) : -ENOMEM;

        if (r < 0)
                return r;
        if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
                return -errno;
        (void) rmdir(directory);
        return 0;
}

/* Its name comes last: until then this can be done again. */
static int restore_unit(const Walk *walk, const char *path, const char *original, const char *copy) {
        _cleanup_free_ char *unit = strndup(copy, strlen(copy) - strlen(MIGRATED_ENDING)),
                            *directory = path_dirname(copy);
        int r;

        if (!directory || !unit)
                return -ENOMEM;
        if (faccessat(AT_FDCWD, original, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return -EEXIST;
        r = take_copy_away(path, unit);
        if (r >= 0)
                r = remove_drop_in(unit);
        if (r < 0)
                return r;
        remove_empty(directory, walk->home);
        if (renameat2(AT_FDCWD, path, AT_FDCWD, original, RENAME_NOREPLACE) < 0)
                return -errno;
        return sync_parent_at(AT_FDCWD, path);
}

/* What has another text is no copy any more, and stays: nothing reads it without its unit. */
static int remove_copy(const char *original, const char *copy, const char *home) {
        _cleanup_free_ char *directory = path_dirname(copy);
        int r = migrate_same_content(original, copy);

        if (r <= 0 || !directory)
                return r == -ENOENT ? 0 : r < 0 ? r : directory ? 0 : -ENOMEM;
        if (unlink(copy) < 0)
                return -errno;
        remove_empty(directory, home);
        return 0;
}

static int remove_copies(const StringList *directories, const char *home, const StringList *copies) {
        const StringList homes = { .items = (char *[]) { (char *) home }, .count = 1 };

        for (size_t i = 0; i < copies->count; i++) {
                const char *rest = migrate_relative(&homes, copies->items[i]);

                for (size_t j = 0; rest && j < directories->count; j++) {
                        _cleanup_free_ char *original = path_join(directories->items[j], rest);
                        int r = original ? remove_copy(original, copies->items[i], home) : -ENOMEM;

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

int migrate_files_restore(const StringList *directories, const char *home, const StringList *files,
                          const StringList *copies, char **ret_failed) {
        Walk walk = { .directories = directories, .home = home, .only = files, .visit = restore_unit };
        int r = walk_all(&walk);

        *ret_failed = walk.failed;
        if (r >= 0)
                r = sweep_temporary_files(home);
        return r < 0 ? r : remove_copies(directories, home, copies);
}

static int list(const Walk *walk, _unused_ const char *path, const char *original, const char *copy) {
        int r = string_list_contains(walk->originals, original) ? 0 : string_list_add(walk->originals, original);

        return r < 0 ? r : string_list_add_n(walk->copies, copy, strlen(copy) - strlen(MIGRATED_ENDING));
}

int migrate_files_list(const StringList *directories, const char *home, const StringList *only,
                       StringList *ret_originals, StringList *ret_copies) {
        Walk walk = { .directories = directories, .home = home, .only = only->count > 0 ? only : NULL, .visit = list,
                      .originals = ret_originals, .copies = ret_copies };
        int r = walk_all(&walk);

        free(walk.failed);
        return r;
}
