/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking a directory tree that may be hostile, and change meanwhile. */
#pragma once

#include <sys/stat.h>

#include "basic/alloc.h"

/* Opens the entry `name` of a directory by O_PATH, as itself: neither through a symlink nor across
 * a mount point. Returns an fd, -EXDEV for a mount point, -ENOENT, or another -errno. */
int tree_pin(int directory_fd, const char *name);

typedef struct TreeWalk {
        /* Is called for each thing, a directory before what is in it, with a descriptor by O_PATH,
         * which stays the walker's: what is looked at is what is acted on. Returns 0; 1 for a
         * directory that is not to be entered; or -errno, which ends the walk. */
        int (*visit)(int fd, const struct stat *st, void *userdata);
        void *userdata;
} TreeWalk;

/* Visits what `fd` (O_PATH is fine) stands for and, when it is a directory, all below it, but for
 * mount points there, however deep: at most 130 descriptors are open, and a level takes 24 bytes.
 * No symlink is followed. What goes away meanwhile, or is moved, is passed over. Returns 0, or the
 * first -errno. */
int tree_walk(int fd, const TreeWalk *walk);
