/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths inside a root directory that may be hostile: a container's root file system. Every look-up
 * starts at the root's file descriptor and is confined to it by the kernel (openat2(2),
 * RESOLVE_IN_ROOT); no path is put together as text and opened. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

/* Opens `path` as a process chrooted to `root_fd` would; "..", absolute symlinks and symlink chains
 * stay inside, magic links of /proc are refused (-ELOOP). `flags` as for open(2); O_CLOEXEC and
 * O_NOCTTY are added. Returns the fd, owned by the caller, or -errno. */
int root_open(int root_fd, const char *path, int flags);

/* Where `path` leads inside the root: an absolute path without symlinks. What does not exist yet is
 * kept as it is written (with ".." folded), so that a mount point still to be made has a name.
 * Returns 0 or -errno. Caller frees. */
int root_resolve(int root_fd, const char *path, char **ret);

/* Reads a regular file of at most `max` bytes inside the root; see read_fd(). Never blocks on a
 * FIFO or opens a device for reading. */
int root_read_file(int root_fd, const char *path, size_t max, char **ret, size_t *ret_size);
