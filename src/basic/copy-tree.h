/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies a directory tree, with everything that a file system knows about it. This has a walk of
 * its own, not that of tree.h: each thing has two places, a copy's is known only from its
 * directory's, and a directory gets its attributes when all that is in it is there. What is copied
 * is an image's or a root file system's, and no volume's: a limit of its depth locks out no next
 * start. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

/* Who owns the copy of what belongs to `uid` and `gid`. */
typedef struct CopyOwners {
        void (*translate)(const void *userdata, uid_t *uid, gid_t *gid);
        const void *userdata;
} CopyOwners;

/* Copies what is in the directory `source_fd` into the directory `target_fd`, which is empty, and
 * gives it the attributes of the source itself: owners, modes, times, extended attributes (of
 * SELinux's labels the target's policy decides) and hard links are kept. Sockets are left out, and
 * device nodes, which an image or a container's root file system is not to give anybody. The source
 * may be hostile and change meanwhile: no symlink is followed and no mount point below it entered,
 * which becomes an empty directory. So may the target: nothing outside of it is changed. Neither
 * descriptor may be O_PATH. `owners` is NULL when they are kept. Nothing is synced. Returns 0,
 * -ELOOP when the tree is deeper than 128 levels, -ESTALE when what was being copied was exchanged
 * for something of another kind, or another -errno; what was copied until then is there. */
int copy_tree(int source_fd, int target_fd, const CopyOwners *owners);

/* The attributes alone. */
int copy_attributes(int source_fd, int target_fd);
