/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has statx(), which some versions of musl lack. For C libraries other than glibc only. */
#pragma once

#include_next <sys/stat.h>

#ifndef STATX_TYPE
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret) {
        return (int) syscall(SYS_statx, fd, path, flags, mask, ret);
}
#endif

/* Versions that have the function may lack what is newer. */
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif
