/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/exec/exec-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void put_right(const struct termios *before) {
        /* From the background it would be stopped for that. */
        (void) signal(SIGTTOU, SIG_IGN);
        (void) tcsetattr(STDIN_FILENO, TCSADRAIN, before);
}

/* Only what is safe after a fork. */
static _Noreturn void guard(const struct termios *before, int pipe_fd, int runtime_fd) {
        char byte;

        for (int number = SIGHUP; number <= SIGTERM; number++)
                (void) signal(number, SIG_IGN);
        while (read(pipe_fd, &byte, 1) < 0 && errno == EINTR)
                ;
        (void) pidfd_send_signal(runtime_fd, SIGKILL, NULL, 0);
        put_right(before);
        _exit(0);
}

int exec_terminal_keep(ExecTerminal *ret) {
        if (tcgetattr(STDIN_FILENO, &ret->before) < 0)
                return -errno;
        ret->kept = true;
        return 0;
}

int exec_terminal_guard(ExecTerminal *terminal, int runtime_fd) {
        _cleanup_close_ int read_end = -EBADF, write_end = -EBADF;
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        read_end = ends[0];
        write_end = ends[1];
        terminal->guard = fork();
        if (terminal->guard < 0)
                return -errno;
        if (terminal->guard == 0) {
                close(write_end);
                guard(&terminal->before, read_end, runtime_fd);
        }
        terminal->alive_fd = TAKE_FD(write_end);
        return 0;
}

void exec_terminal_restore(ExecTerminal *terminal) {
        if (terminal->kept)
                put_right(&terminal->before);
        terminal->kept = false;
        if (terminal->guard > 0) {
                (void) kill(terminal->guard, SIGKILL);
                while (waitpid(terminal->guard, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        terminal->guard = 0;
        terminal->alive_fd = fd_close(terminal->alive_fd);
}
