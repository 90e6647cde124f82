/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of a disk a tree takes. */
#include "basic/disk-usage.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "basic/directory.h"

enum { DEPTH_MOST = 200 }; /* each has a descriptor open */

static uint64_t bytes_of(const struct stat *st) {
        return (uint64_t) st->st_blocks * 512 / (S_ISDIR(st->st_mode) || st->st_nlink == 0 ? 1 : st->st_nlink);
}

static int add_directory(int directory_fd, const char *name, const dev_t *device, unsigned depth, uint64_t *bytes);

static int add_entry(int directory_fd, const char *name, dev_t device, unsigned depth, uint64_t *bytes) {
        struct stat st;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISDIR(st.st_mode))
                return add_directory(directory_fd, name, &device, depth, bytes);
        *bytes += bytes_of(&st);
        return 0;
}

static int add_entries(DIR *directory, dev_t device, unsigned depth, uint64_t *bytes) {
        const struct dirent *entry;
        int r;

        while ((r = directory_next(directory, &entry)) > 0) {
                r = add_entry(dirfd(directory), entry->d_name, device, depth, bytes);
                if (r < 0)
                        return r;
        }
        return r;
}

/* `device` is that of the tree, NULL for its root. */
static int add_directory(int directory_fd, const char *name, const dev_t *device, unsigned depth, uint64_t *bytes) {
        _cleanup_closedir_ DIR *directory = NULL;
        struct stat st;
        int r;

        r = directory_open_at(directory_fd, name, O_NOFOLLOW, &directory);
        if (device && (r == -ENOENT || r == -ENOTDIR || r == -ELOOP))
                return 0; /* within the tree it has been replaced, or is gone */
        if (r < 0)
                return r;
        if (fstat(dirfd(directory), &st) < 0)
                return -errno;
        if (device && st.st_dev != *device)
                return 0;
        *bytes += bytes_of(&st);
        return depth < DEPTH_MOST ? add_entries(directory, st.st_dev, depth + 1, bytes) : 0;
}

int disk_usage_at(int directory_fd, const char *name, uint64_t *ret_bytes) {
        uint64_t bytes = 0;
        int r = add_directory(directory_fd, name, NULL, 0, &bytes);

        if (r < 0)
                return r;
        *ret_bytes = bytes;
        return 0;
}
