/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking a directory tree. Everything is opened once, by O_PATH, and that descriptor is what is
 * looked at, visited and read: who exchanges a name meanwhile exchanges nothing of that. */
#include "basic/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/directory.h"

int tree_pin(int directory_fd, const char *name) {
        const struct open_how how = {
                .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
        };
        int fd = (int) syscall(SYS_openat2, directory_fd, name, &how, sizeof(how));

        return fd < 0 ? -errno : fd;
}

static int walk_one(int fd, const TreeWalk *walk, unsigned depth);

static int walk_entries(int fd, const TreeWalk *walk, unsigned depth) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        if (depth > walk->deepest)
                return walk->leave_out_deep ? 0 : -ELOOP;
        r = directory_open_at(fd, ".", 0, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_close_ int child = tree_pin(fd, entry->d_name);

                if (child == -ENOENT || child == -EXDEV)
                        continue;
                r = child < 0 ? child : walk_one(child, walk, depth + 1);
                if (r < 0)
                        return r;
        }
        return r;
}

static int walk_one(int fd, const TreeWalk *walk, unsigned depth) {
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        r = walk->visit(fd, &st, walk->userdata);
        return r != 0 || !S_ISDIR(st.st_mode) ? (r < 0 ? r : 0) : walk_entries(fd, walk, depth);
}

int tree_walk(int fd, const TreeWalk *walk) {
        return walk_one(fd, walk, 0);
}
