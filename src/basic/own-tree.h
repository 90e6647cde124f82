/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes who owns a directory tree. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

/* Gives the directory, file or symlink `fd` (O_PATH is fine) and all below it to `uid` and `gid`;
 * what is theirs already is not touched. The tree may be hostile and change meanwhile: no symlink
 * is followed, and no mount point entered or changed. Returns 0, or the -errno of the first
 * failure, at which it ends. */
int own_tree(int fd, uid_t uid, gid_t gid);
