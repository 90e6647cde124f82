/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ownership of memory and file descriptors. */
#include "basic/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { SMALLEST_BYTES = 128 };

int fd_close(int fd) {
        if (fd >= 0) {
                int saved = errno;
                close(fd);
                errno = saved;
        }
        return -EBADF;
}

int pipe_open(int *ret_read, int *ret_write) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        *ret_read = ends[0];
        *ret_write = ends[1];
        return 0;
}

int array_reserve(void **array, size_t *allocated, size_t need, size_t element_size) {
        size_t wanted, bytes;
        void *grown;

        if (need <= *allocated)
                return 0;
        if (need > SIZE_MAX / 2)
                return -ENOMEM;
        wanted = need * 2;
        /* texts grow by the character: not to begin with a few steps of a few bytes */
        if (wanted < SMALLEST_BYTES / element_size)
                wanted = SMALLEST_BYTES / element_size;
        if (__builtin_mul_overflow(wanted, element_size, &bytes))
                return -ENOMEM;
        grown = realloc(*array, bytes);
        if (!grown)
                return -ENOMEM;
        memset((char *) grown + *allocated * element_size, 0, bytes - *allocated * element_size);
        *array = grown;
        *allocated = wanted;
        return 0;
}
