/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has renameat2(), which some versions of musl lack. For C libraries other than glibc only. */
#pragma once

#include_next <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

static inline int renameat2(int old_fd, const char *old_path, int new_fd, const char *new_path, unsigned flags) {
        return (int) syscall(SYS_renameat2, old_fd, old_path, new_fd, new_path, flags);
}
#endif
