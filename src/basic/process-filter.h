/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running another program on a text, with a limit on its time and on what it writes. */
#pragma once

#include "basic/alloc.h"

typedef struct ProcessFilter {
        const char *path;          /* an absolute path */
        const char *const *argv;
        char *const *environment;
        const char *directory;     /* where it runs */
        const char *input;         /* what it reads */
        size_t input_size;
        uint64_t timeout_usec;
        size_t output_max;         /* bytes */
} ProcessFilter;

/* Runs the program, and gives what it wrote to standard output, NUL-terminated; standard error is
 * inherited. After the time, or when it writes too much, it is killed with all processes of its
 * group. Returns its exit status (0…255) or 128 + signal, -ETIMEDOUT, -EFBIG, or another -errno.
 * `ret` is set for status 0 only; caller frees. */
int process_filter(const ProcessFilter *filter, char **ret, size_t *ret_size);
