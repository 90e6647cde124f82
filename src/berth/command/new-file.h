/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that a verb writes for whoever called it: it gets its name when it is whole. */
#pragma once

#include "basic/alloc.h"

/* Zero-initialise with {}. */
typedef struct NewFile {
        char *temporary; /* NULL: standard output */
        int fd;
} NewFile;

/* Begins the file `path`, which only who calls can read; NULL: standard output. Returns 0, -EISDIR,
 * -EINVAL when it is a device or a pipe, which would be replaced, or another -errno. */
int new_file_open(const char *path, NewFile *ret);

/* Gives it its name, on the disk, in place of what had it. Returns 0 or -errno. */
int new_file_finish(NewFile *file, const char *path);

/* Removes it unless it is finished. */
void new_file_done(NewFile *file);
#define _cleanup_new_file_ _cleanup_(new_file_done)
