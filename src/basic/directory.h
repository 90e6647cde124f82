/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading directories. Only this file calls readdir(), whose NULL is the end or a failure. */
#pragma once

#include "basic/string-list.h"

/* Opens the directory `path` below `directory_fd` (AT_FDCWD: as usual) for reading. `flags` are
 * further ones of openat(): O_NOFOLLOW. Returns 0 or -errno. */
int directory_open_at(int directory_fd, const char *path, int flags, DIR **ret);

/* Opens the directory `path`, through symlinks. Returns 0 or -errno. */
int directory_open(const char *path, DIR **ret);

/* Makes `fd`, which must have been opened for reading, the one that is read through; it is taken
 * over, and closed on failure. Returns 0 or -errno. */
int directory_take(int fd, DIR **ret);

/* Reads the next entry, which is neither "." nor ".." and valid until the next call. Returns 1, 0
 * at the end, or -errno: then there may be more, and nobody knows what. */
int directory_next(DIR *directory, const struct dirent **ret);

/* Appends the names in a directory, sorted, without those that begin with a dot; none when there is
 * no such directory. Returns 0 or -errno. */
int directory_list(const char *path, StringList *ret);
