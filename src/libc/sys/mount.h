/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has the system calls of mounts that have descriptors, which musl lacks. For C libraries other
 * than glibc only. */
#pragma once

#include_next <sys/mount.h>
#include <linux/mount.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int open_tree(int fd, const char *path, unsigned flags) {
        return (int) syscall(SYS_open_tree, fd, path, flags);
}

static inline int move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
        return (int) syscall(SYS_move_mount, from_fd, from, to_fd, to, flags);
}

static inline int mount_setattr(int fd, const char *path, unsigned flags, struct mount_attr *attributes, size_t size) {
        return (int) syscall(SYS_mount_setattr, fd, path, flags, attributes, size);
}

static inline int fsopen(const char *name, unsigned flags) {
        return (int) syscall(SYS_fsopen, name, flags);
}

static inline int fsconfig(int fd, unsigned command, const char *key, const void *value, int aux) {
        return (int) syscall(SYS_fsconfig, fd, command, key, value, aux);
}

static inline int fsmount(int fd, unsigned flags, unsigned attributes) {
        return (int) syscall(SYS_fsmount, fd, flags, attributes);
}
