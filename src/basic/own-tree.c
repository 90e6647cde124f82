/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes who owns a directory tree. */
#include "basic/own-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/tree.h"

typedef struct Owner {
        uid_t uid;
        gid_t gid;
} Owner;

static int own(int fd, const struct stat *st, void *userdata) {
        const Owner *owner = userdata;

        if ((st->st_uid != owner->uid || st->st_gid != owner->gid) &&
            fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

int own_tree(int fd, uid_t uid, gid_t gid) {
        Owner owner = { uid, gid };

        return tree_walk(fd, &(TreeWalk) { .visit = own, .userdata = &owner });
}
