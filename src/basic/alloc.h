/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ownership of memory and file descriptors: cleanup attributes and growing arrays. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <dirent.h>

#include "basic/macro.h"

/* Like free(), for use in expressions: x = x_free(x). Returns NULL. */
static inline void *x_free(void *memory) {
        free(memory);
        return NULL;
}

/* Closes `fd` once (never retried: Linux releases it even on EINTR), keeping errno. Returns
 * -EBADF. */
int fd_close(int fd);

/* Makes a pipe, whose ends no other program inherits. Returns 0 or -errno. Caller closes both. */
int pipe_open(int *ret_read, int *ret_write);

/* Makes room for `need` elements of `element_size` bytes in the array at `*array`, whose capacity
 * is `*allocated`. New memory is zeroed. Returns 0 or -ENOMEM; on failure nothing changes. */
int array_reserve(void **array, size_t *allocated, size_t need, size_t element_size);

#define ARRAY_RESERVE(array, allocated, need) array_reserve((void **) &(array), &(allocated), (need), sizeof(*(array)))

static inline void free_voidp(void *p) { free(*(void **) p); }
static inline void close_fdp(int *p) { fd_close(*p); }
static inline void fclose_filep(FILE **p) { if (*p) fclose(*p); }
static inline void closedir_dirp(DIR **p) { if (*p) closedir(*p); }

#define _cleanup_free_ _cleanup_(free_voidp)
#define _cleanup_close_ _cleanup_(close_fdp)
#define _cleanup_fclose_ _cleanup_(fclose_filep)
#define _cleanup_closedir_ _cleanup_(closedir_dirp)
