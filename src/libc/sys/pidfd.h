/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands for the header of that name, which musl lacks. For C libraries other than glibc only. */
#pragma once

#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int pidfd_open(pid_t pid, unsigned flags) {
        return (int) syscall(SYS_pidfd_open, pid, flags);
}

static inline int pidfd_send_signal(int fd, int signal, siginfo_t *info, unsigned flags) {
        return (int) syscall(SYS_pidfd_send_signal, fd, signal, info, flags);
}

static inline int pidfd_getfd(int pidfd, int target_fd, unsigned flags) {
        return (int) syscall(SYS_pidfd_getfd, pidfd, target_fd, flags);
}
