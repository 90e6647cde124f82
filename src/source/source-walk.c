/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pass over the directories of the search path, taking down the names in them. */
#include "source/source-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"

enum { DEEPEST = 32 };

void source_walk_done(SourceWalk *walk) {
        for (size_t i = 0; i < walk->file_count; i++)
                source_done(&walk->files[i].source);
        for (size_t i = 0; i < walk->drop_in_count; i++) {
                free(walk->drop_ins[i].directory);
                free(walk->drop_ins[i].path);
        }
        free(walk->files);
        free(walk->drop_ins);
        free(walk->visited);
}

bool source_is_masked(FileType type, FileState state) {
        return state == STATE_MASKED || (state == STATE_EMPTY && type != FILE_VOLUME && type != FILE_NETWORK);
}

int source_file_state(int directory_fd, const char *path) {
        struct stat st;

        if (fstatat(directory_fd, path, &st, 0) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return STATE_DIRECTORY;
        if (S_ISREG(st.st_mode))
                return st.st_size > 0 ? STATE_REGULAR : STATE_EMPTY;
        if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
                return STATE_MASKED;
        return STATE_OTHER;
}

static void warn(const SourceWalk *walk, const char *path, const char *message) {
        const Location where = { .file = path };

        if (walk->diagnostics)
                diagnose_warning(walk->diagnostics, &where, "%s", message);
}

static void warn_state(const SourceWalk *walk, const char *path, int state) {
        if (state == STATE_OTHER)
                warn(walk, path, "ignored, not a regular file");
        else if (state == -ENOENT || state == -ELOOP)
                warn(walk, path, "ignored, the symbolic link leads nowhere");
        else if (state < 0)
                warn(walk, path, strerror(-state));
}

static bool is_wanted(const SourceWalk *walk, const char *name) {
        return !walk->wanted || string_list_contains(walk->wanted, name);
}

/* Whether `name` is a drop-in directory's: "container.d", "web-.container.d". */
static bool names_drop_ins(const char *name) {
        const char *suffix = endswith(name, ".d"), *dot;

        if (!suffix)
                return false;
        dot = memrchr(name, '.', (size_t) (suffix - name));
        for (FileType type = 0; type < _FILE_TYPE_COUNT; type++)
                if (startswith(dot ? dot + 1 : name, file_type_name(type)) == suffix)
                        return true;
        return false;
}

/* Whether there is room for one more entry; says once when there is none. */
static bool has_room(SourceWalk *walk, const char *path) {
        if (walk->subtree_entries >= WALK_SUBTREE_MAX)
                return false;
        if (++walk->subtree_entries == WALK_SUBTREE_MAX)
                warn(walk, path, "there are too many files in this directory and those beside it: the rest is ignored");
        if (++walk->entries < WALK_ENTRIES_MAX && walk->file_count + walk->drop_in_count < WALK_FILES_MAX)
                return true;
        if (!walk->ended)
                warn(walk, path, "there are too many files: the rest is ignored");
        walk->ended = true;
        return false;
}

/* Says so of what would be one of our files without its first dot. */
static void warn_hidden(const SourceWalk *walk, const char *directory, const char *name) {
        _cleanup_free_ char *stem = NULL, *path = NULL;
        FileType type;

        if (file_name_parse(name + 1, &type, &stem) < 0)
                return;
        path = path_join(directory, name);
        if (path)
                warn(walk, path, "hidden files are not read");
}

/* The next entry that is not hidden, NULL at the end or after a failure, which is reported. */
static const struct dirent *next_entry(SourceWalk *walk, DIR *directory, const char *path) {
        const struct dirent *entry;
        int r = 0;

        while (has_room(walk, path) && (r = directory_next(directory, &entry)) > 0) {
                if (entry->d_name[0] != '.')
                        return entry;
                warn_hidden(walk, path, entry->d_name);
        }
        if (r < 0)
                warn(walk, path, strerror(-r));
        return NULL;
}

static int take_drop_in(SourceWalk *walk, int directory_fd, const char *directory, const char *name, unsigned rank) {
        DropIn drop_in = { .rank = rank };
        int state = source_file_state(directory_fd, name);

        drop_in.path = path_join(directory, name);
        if (!drop_in.path)
                return -ENOMEM;
        if (state != STATE_REGULAR && state != STATE_EMPTY && state != STATE_MASKED) {
                warn_state(walk, drop_in.path, state);
                free(drop_in.path);
                return 0;
        }
        drop_in.masked = state != STATE_REGULAR;
        drop_in.directory = strdup(path_basename(directory));
        if (!drop_in.directory ||
            ARRAY_RESERVE(walk->drop_ins, walk->drop_ins_allocated, walk->drop_in_count + 1) < 0) {
                free(drop_in.directory);
                free(drop_in.path);
                return -ENOMEM;
        }
        walk->drop_ins[walk->drop_in_count++] = drop_in;
        return 0;
}

/* Takes down the *.conf files of a drop-in directory. */
static int walk_drop_ins(SourceWalk *walk, const char *parent, const char *name, unsigned rank) {
        _cleanup_free_ char *path = path_join(parent, name);
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        if (!path)
                return -ENOMEM;
        r = directory_open(path, &directory);
        if (r < 0) {
                warn(walk, path, strerror(-r));
                return 0;
        }
        while ((entry = next_entry(walk, directory, path)))
                if (endswith(entry->d_name, ".conf")) {
                        r = take_drop_in(walk, dirfd(directory), path, entry->d_name, rank);
                        if (r < 0)
                                return r;
                }
        return 0;
}

/* Takes down a main file, whose stem it owns from then on. */
static int take_file(SourceWalk *walk, int directory_fd, const char *directory, const char *name, FileType type,
                     char *stem) {
        Found found = { .source = { .type = type, .stem = stem }, .order = walk->file_count };
        int state = source_file_state(directory_fd, name);

        found.source.path = path_join(directory, name);
        if (!found.source.path || ARRAY_RESERVE(walk->files, walk->files_allocated, walk->file_count + 1) < 0) {
                source_done(&found.source);
                return -ENOMEM;
        }
        if (state != STATE_REGULAR && state != STATE_EMPTY && state != STATE_MASKED) {
                warn_state(walk, found.source.path, state);
                source_done(&found.source);
                return 0;
        }
        found.source.masked = source_is_masked(type, (FileState) state);
        walk->files[walk->file_count++] = found;
        return 0;
}

static bool is_directory(int directory_fd, const struct dirent *entry) {
        if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
                return source_file_state(directory_fd, entry->d_name) == STATE_DIRECTORY;
        return entry->d_type == DT_DIR;
}

static int take_entry(SourceWalk *walk, int directory_fd, const char *path, const struct dirent *entry, unsigned rank,
                      StringList *subdirectories) {
        const char *name = entry->d_name;
        FileType type;
        char *stem;
        int r;

        if (endswith(name, ".d"))
                return names_drop_ins(name) && is_wanted(walk, name) && is_directory(directory_fd, entry) ?
                               walk_drop_ins(walk, path, name, rank) : 0;
        r = file_name_parse(name, &type, &stem);
        if (r == -ENOMEM)
                return r;
        if (r >= 0) {
                if (is_wanted(walk, name))
                        return take_file(walk, directory_fd, path, name, type, stem);
                free(stem);
                return 0;
        }
        return is_directory(directory_fd, entry) ? string_list_add(subdirectories, name) : 0;
}

/* Whether a directory directly below the search directory `path` holds something else than unit
 * files. */
static bool is_reserved(const char *path, const char *name) {
        static const char *const reserved[] = { "bundles", "runtime", "secrets", "users" };

        for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
                if (streq(name, reserved[i]))
                        return true;
        /* All that we have in /run/berth ourselves, but for what is there to be searched. */
        for (Place place = 0; streq(path, place_path(PLACE_RUN)) && place < _PLACE_COUNT; place++) {
                const char *below = startswith(place_path(place), path),
                           *rest = below && *below == '/' ? startswith(below + 1, name) : NULL;

                if (rest && (!*rest || *rest == '/'))
                        return place != PLACE_ONCE;
        }
        return streq(path_basename(path), "users") && name[strspn(name, "0123456789")] == '\0';
}

/* Whether the directory is the system's, or has the search directory in it: a symlink to such a one
 * is a mistake, and what it leads to is none of ours. */
static bool is_system(const SourceWalk *walk, DIR *directory) {
        static const char *const whole[] = { "/boot", "/etc", "/home", "/root", "/run", "/tmp", "/usr", "/var" },
                                 *const kernels[] = { "/proc", "/sys", "/dev" };
        _cleanup_free_ char *link = text_format("/proc/self/fd/%d", dirfd(directory));
        char path[PATH_MAX];
        ssize_t n = link ? readlink(link, path, sizeof(path) - 1) : -1;

        if (n <= 0)
                return false;
        path[n] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
                if (streq(path, whole[i]))
                        return true;
        for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
                if (path_is_below(path, kernels[i]))
                        return true;
        return streq(path, "/") || (walk->top && path_is_below(walk->top, path) && !streq(walk->top, path));
}

/* Opens the directory unless it was visited. Returns 1, 0 when there is nothing to read, or
 * -ENOMEM. */
static int open_directory(SourceWalk *walk, const char *path, unsigned depth, DIR **ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        struct stat st;
        int r;

        r = directory_open(path, &directory);
        if (r >= 0 && fstat(dirfd(directory), &st) < 0)
                r = -errno;
        if (r < 0) {
                if (r != -ENOENT || depth > 0)
                        warn(walk, path, strerror(-r));
                return 0;
        }
        if (depth > 0 && is_system(walk, directory)) {
                warn(walk, path, "ignored, the symbolic link leads to a directory of the system");
                return 0;
        }
        if (walk->visited_count >= WALK_DIRECTORIES_MAX) {
                if (!walk->ended)
                        warn(walk, path, "there are too many directories: the rest is ignored");
                walk->ended = true;
                return 0;
        }
        for (size_t i = 0; i < walk->visited_count; i++)
                if (walk->visited[i].device == st.st_dev && walk->visited[i].inode == st.st_ino)
                        return 0;
        if (ARRAY_RESERVE(walk->visited, walk->visited_allocated, walk->visited_count + 1) < 0)
                return -ENOMEM;
        walk->visited[walk->visited_count++] = (Visited) { .device = st.st_dev, .inode = st.st_ino };
        *ret = TAKE_PTR(directory);
        return 1;
}

/* `depth` is 0 for a search directory itself. */
static int walk_directory(SourceWalk *walk, const char *path, unsigned depth) {
        _cleanup_string_list_ StringList subdirectories = {};
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        unsigned rank;
        int r;

        r = open_directory(walk, path, depth, &directory);
        if (r <= 0)
                return r;
        rank = (unsigned) walk->visited_count;
        while ((entry = next_entry(walk, directory, path))) {
                r = take_entry(walk, dirfd(directory), path, entry, rank, &subdirectories);
                if (r < 0)
                        return r;
        }
        string_list_sort(&subdirectories);
        for (size_t i = 0; i < subdirectories.count && depth < DEEPEST; i++) {
                _cleanup_free_ char *below = NULL;

                if (depth == 0 && is_reserved(path, subdirectories.items[i]))
                        continue;
                if (depth == 0)
                        walk->subtree_entries = 0;
                below = path_join(path, subdirectories.items[i]);
                r = below ? walk_directory(walk, below, depth + 1) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compare_drop_ins(const void *a, const void *b) {
        return strcmp(((const DropIn *) a)->directory, ((const DropIn *) b)->directory);
}

static void sort_drop_ins(SourceWalk *walk) {
        if (walk->drop_in_count > 1)
                qsort(walk->drop_ins, walk->drop_in_count, sizeof(DropIn), compare_drop_ins);
}

int source_walk(SourceWalk *walk, const StringList *search_path) {
        for (size_t i = 0; i < search_path->count; i++) {
                int r;

                walk->top = search_path->items[i];
                walk->subtree_entries = 0;
                r = walk_directory(walk, walk->top, 0);
                if (r < 0)
                        return r;
        }
        sort_drop_ins(walk);
        return 0;
}

int source_walk_one(SourceWalk *walk, const char *directory) {
        int r = walk_directory(walk, directory, DEEPEST);

        if (r >= 0)
                sort_drop_ins(walk);
        return r;
}
