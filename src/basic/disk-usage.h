/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of a disk a tree takes. */
#pragma once

#include <stdint.h>

/* Adds up what the directory `name` below `directory_fd` (AT_FDCWD: as usual) and all in it take on
 * disk, in bytes; of a file with several names, each has its share. Whoever owns the tree can lead
 * this nowhere else: no symlink is followed and no other file system entered. What goes away
 * meanwhile is not counted. Returns 0 or -errno. */
int disk_usage_at(int directory_fd, const char *name, uint64_t *ret_bytes);
