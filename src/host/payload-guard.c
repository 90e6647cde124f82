/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/payload-guard.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/alloc.h"

enum { OTHER_END = STDIN_FILENO, GUARDED = STDOUT_FILENO, THE_REST };

/* The end of the other process closes its end, however it came. */
static _Noreturn void watch(int other_end, int pid_fd) {
        int end = dup(other_end), guarded = dup(pid_fd); /* neither may be where the other is to go */
        ssize_t n;
        char byte;

        if (end < 0 || guarded < 0 || dup2(end, OTHER_END) < 0 || dup2(guarded, GUARDED) < 0 ||
            syscall(SYS_close_range, THE_REST, ~0U, 0) < 0)
                _exit(EXIT_FAILURE);
        do
                n = read(OTHER_END, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n == 0)
                (void) pidfd_send_signal(GUARDED, SIGKILL, NULL, 0);
        _exit(EXIT_SUCCESS);
}

int payload_guard(int pid_fd) {
        _cleanup_close_ int ours = -EBADF, its = -EBADF;
        int ends[2];
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        ours = ends[0];
        its = ends[1];
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                watch(its, pid_fd);
        return TAKE_FD(ours);
}

void payload_guard_release(int guard_fd) {
        (void) send(guard_fd, "", 1, MSG_NOSIGNAL);
}
