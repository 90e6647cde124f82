/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of a disk a tree takes. */
#include "basic/disk-usage.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/tree.h"

typedef struct Usage {
        dev_t device;
        uint64_t bytes;
} Usage;

static uint64_t bytes_of(const struct stat *st) {
        return (uint64_t) st->st_blocks * 512 / (S_ISDIR(st->st_mode) || st->st_nlink == 0 ? 1 : st->st_nlink);
}

static int add(int fd, const struct stat *st, void *userdata) {
        Usage *usage = userdata;

        (void) fd;
        /* A file system may have others in it that are no mount points: subvolumes. */
        if (S_ISDIR(st->st_mode) && st->st_dev != usage->device)
                return 1;
        usage->bytes += bytes_of(st);
        return 0;
}

int disk_usage_at(int directory_fd, const char *name, uint64_t *ret_bytes) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        Usage usage = {};
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        usage.device = st.st_dev;
        r = tree_walk(fd, &(TreeWalk) { .visit = add, .userdata = &usage });
        if (r < 0)
                return r;
        *ret_bytes = usage.bytes;
        return 0;
}
