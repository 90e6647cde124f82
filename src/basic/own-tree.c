/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes who owns a directory tree. Everything is opened once, by O_PATH, and that descriptor is
 * what is looked at and changed. */
#include "basic/own-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"

typedef struct Owner {
        uid_t uid;
        gid_t gid;
} Owner;

static int own(const Owner *owner, int fd, unsigned depth);

/* Owns the entry `name`, unless something is mounted there. */
static int own_entry(const Owner *owner, int directory_fd, const char *name, unsigned depth) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct statx stx;

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_TYPE, &stx) < 0)
                return -errno;
        return stx.stx_attributes & STATX_ATTR_MOUNT_ROOT ? 0 : own(owner, fd, depth);
}

static int own_children(const Owner *owner, int fd, unsigned depth) {
        enum { DEEPEST = 128 };
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        if (depth > DEEPEST)
                return -ELOOP;
        r = directory_open_at(fd, ".", 0, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = own_entry(owner, dirfd(directory), entry->d_name, depth + 1);
                if (r < 0)
                        return r;
        }
        return r;
}

static int own(const Owner *owner, int fd, unsigned depth) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if ((st.st_uid != owner->uid || st.st_gid != owner->gid) &&
            fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) ? own_children(owner, fd, depth) : 0;
}

int own_tree(int fd, uid_t uid, gid_t gid) {
        return own(&(Owner) { uid, gid }, fd, 0);
}
