/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where parts of the store are made before they are moved to their place: a directory of one
 * process each in the store's staging/, which the process has locked. One that can be locked was
 * left by a process that has died. */
#pragma once

#include "basic/alloc.h"

typedef struct Staging {
        int store_fd; /* borrowed from the store */
        char *name;   /* below the store: "staging/…" */
        int fd;       /* of the directory; holds the lock */
} Staging;

#define STAGING_INIT { .fd = -EBADF }

/* Makes one (mode 0700) in the store whose directory is `store_fd`, after removing those of dead
 * processes. Returns 0 or -errno. */
int staging_open(int store_fd, Staging *ret);

/* Removes it and what is left in it. */
void staging_done(Staging *staging);
#define _cleanup_staging_ _cleanup_(staging_done)

/* Removes what dead processes have left. Returns 0 or -errno of the first failure. */
int staging_sweep(int store_fd);
