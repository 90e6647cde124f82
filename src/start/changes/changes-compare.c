/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an overlay's upper directory says, by the format that the kernel has for it
 * (Documentation/filesystems/overlayfs.rst): a whiteout is a character device 0:0, and a directory
 * that hides all below it has an extended attribute. Nothing is opened but directories, each from
 * the one that it is in and never through a symlink, so that what the container does meanwhile
 * leads nowhere else. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "start/changes/container-changes.h"

enum { DEPTH_MOST = 128, CHANGES_MOST = 1000 * 1000 };

/* A directory: as it is now, and what there was below it, the topmost first. */
typedef struct Level {
        const char *path;
        int fd;
        int *lower; /* owned, but for the root's */
        size_t lower_count;
        bool hides; /* nothing of those is seen any more, but what is written anew */
        unsigned depth;
} Level;

static void level_done(Level *level) {
        fd_close(level->fd);
        for (size_t i = 0; i < level->lower_count; i++)
                fd_close(level->lower[i]);
        free(level->lower);
}

static int add_change(Changes *changes, ChangeKind kind, const char *path) {
        if (changes->count >= CHANGES_MOST)
                return -E2BIG;
        if (ARRAY_RESERVE(changes->items, changes->allocated, changes->count + 1) < 0)
                return -ENOMEM;
        changes->items[changes->count] = (Change) { .kind = kind, .path = strdup(path) };
        return changes->items[changes->count++].path ? 0 : -ENOMEM;
}

static bool is_whiteout(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static bool is_opaque(int directory_fd) {
        static const char *const names[] = { "trusted.overlay.opaque", "user.overlay.opaque" };
        char value;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (fgetxattr(directory_fd, names[i], &value, 1) == 1 && value == 'y')
                        return true;
        return false;
}

static int open_directory(int directory_fd, const char *name) {
        int fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* Whether there was something of that name; with `child`, the directories that there were. Returns
 * 1, 0 or -errno. */
static int look_below(const Level *level, const char *name, Level *child) {
        int found = 0;

        for (size_t i = 0; i < level->lower_count; i++) {
                struct stat st;
                int fd;

                if (fstatat(level->lower[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                        if (errno == ENOENT)
                                continue;
                        return -errno;
                }
                if (is_whiteout(&st))
                        break;
                if (!child || !S_ISDIR(st.st_mode))
                        return 1;
                fd = open_directory(level->lower[i], name);
                if (fd < 0)
                        return fd;
                child->lower[child->lower_count++] = fd;
                found = 1;
                if (is_opaque(fd))
                        break;
        }
        return found;
}

static int list(int directory_fd, StringList *ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = directory_open_at(directory_fd, ".", 0, &directory);

        while (r >= 0) {
                r = directory_next(directory, &entry);
                if (r <= 0)
                        break;
                /* There is a bound on what is kept, and so on what is read. */
                r = ret->count >= CHANGES_MOST ? -E2BIG : string_list_add(ret, entry->d_name);
        }
        return r;
}

/* What was in a directory that has been made anew, and is not there again. */
static int add_hidden(const Level *level, const StringList *present, Changes *changes) {
        _cleanup_string_list_ StringList names = {};
        int r = 0;

        for (size_t i = 0; i < level->lower_count && r >= 0; i++)
                r = list(level->lower[i], &names);
        string_list_unique(&names);
        for (size_t i = 0, j = 0; i < names.count && r >= 0; i++) {
                const char *name = names.items[i];
                _cleanup_free_ char *path = path_join(level->path, name);

                while (j < present->count && strcmp(present->items[j], name) < 0)
                        j++;
                if (j < present->count && streq(present->items[j], name))
                        continue;
                r = path ? look_below(level, name, NULL) : -ENOMEM;
                if (r > 0)
                        r = add_change(changes, CHANGE_DELETED, path);
        }
        return r;
}

static int compare(const Level *level, Changes *changes);

static int compare_directory(const Level *level, const char *name, const char *path, Changes *changes) {
        _cleanup_(level_done) Level child = { .path = path, .fd = open_directory(level->fd, name),
                                              .depth = level->depth + 1 };
        int r;

        if (child.fd < 0)
                return child.fd;
        child.hides = level->hides || is_opaque(child.fd);
        child.lower = calloc(level->lower_count + 1, sizeof(*child.lower));
        if (!child.lower)
                return -ENOMEM;
        r = look_below(level, name, &child);
        if (r >= 0)
                r = add_change(changes, r > 0 ? CHANGE_CHANGED : CHANGE_ADDED, path);
        return r < 0 ? r : child.depth > DEPTH_MOST ? -ELOOP : compare(&child, changes);
}

static int compare_entry(const Level *level, const char *name, Changes *changes) {
        _cleanup_free_ char *path = path_join(level->path, name);
        struct stat st;
        int r;

        if (!path)
                return -ENOMEM;
        if (fstatat(level->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno; /* it has gone meanwhile */
        if (is_whiteout(&st))
                return add_change(changes, CHANGE_DELETED, path);
        if (S_ISDIR(st.st_mode)) {
                r = compare_directory(level, name, path, changes);
                return r == -ENOENT || r == -ENOTDIR ? 0 : r;
        }
        r = look_below(level, name, NULL);
        return r < 0 ? r : add_change(changes, r > 0 ? CHANGE_CHANGED : CHANGE_ADDED, path);
}

static int compare(const Level *level, Changes *changes) {
        _cleanup_string_list_ StringList names = {};
        int r;

        r = list(level->fd, &names);
        string_list_sort(&names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = compare_entry(level, names.items[i], changes);
        return r < 0 || !level->hides ? r : add_hidden(level, &names, changes);
}

static int compare_changes(const void *x, const void *y) {
        const Change *a = x, *b = y;

        return strcmp(a->path, b->path);
}

int changes_compare(int upper_fd, const int lower_fds[], size_t lower_count, Changes *ret) {
        _cleanup_changes_ Changes changes = {};
        /* Borrowed here, and so never released by level_done(). */
        const Level root = { .path = "/", .fd = upper_fd, .lower = (int *) lower_fds, .lower_count = lower_count };
        int r = compare(&root, &changes);

        if (r < 0)
                return r;
        if (changes.count > 1)
                qsort(changes.items, changes.count, sizeof(*changes.items), compare_changes);
        *ret = changes;
        changes = (Changes) {};
        return 0;
}

void changes_done(Changes *changes) {
        for (size_t i = 0; i < changes->count; i++)
                free(changes->items[i].path);
        changes->items = x_free(changes->items);
        changes->count = changes->allocated = 0;
}
