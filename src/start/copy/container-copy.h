/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copying files out of containers and into them. */
#pragma once

#include "basic/diagnostics.h"
#include "image/image-use.h"
#include "start/copy/tree-archive.h"

typedef struct CopyRoot {
        int fd;          /* of the container's root; -EBADF: this machine's */
        TreeOwner owner; /* of what is made there: its root, or who runs this */
        ImageUse image;  /* is kept in the store meanwhile */
} CopyRoot;

#define COPY_ROOT_INIT { .fd = -EBADF, .image = IMAGE_USE_INIT }

/* Opens a container's root: as its first process sees it, or of one that does not run its Rootfs=
 * or, only for reading, its image, which is mounted where nobody else sees it. Returns 0; -EROFS
 * when what would be written would be thrown away; -EOPNOTSUPP for a disk image; -ENOENT when there
 * is no such container, or no such image in the store; -EREPORTED with diagnostics; or another
 * -errno. */
int copy_root_open(const char *stem, bool for_writing, Diagnostics *diagnostics, CopyRoot *ret);

/* Opens what is to be copied, by O_PATH: a symlink as itself. Returns an fd or -errno. */
int copy_open_source(const CopyRoot *root, const char *path);

/* Opens the directory that is to be copied into: `path` itself or, when that is no directory, the
 * one that it is in, and then `ret_name` is the name there; else it is NULL. Symlinks in it are
 * followed within the root. Returns an fd or -errno. Caller frees `ret_name`. */
int copy_open_target(const CopyRoot *root, const char *path, char **ret_name);

/* Copies it, as `name`. Returns 0 or -errno, which is the source's if `*ret_source`. */
int copy_run(int source_fd, const char *name, int target_fd, const TreeOwner *owner, bool *ret_source);

void copy_root_done(CopyRoot *root);
#define _cleanup_copy_root_ _cleanup_(copy_root_done)
