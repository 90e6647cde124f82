/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/exec/exec-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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
        int r = pipe_open(&read_end, &write_end);

        if (r < 0)
                return r;
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

/* The process is not to be trusted: what it has there is looked at before it is opened. */
static int open_terminal_of(pid_t pid) {
        char path[64];
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        (void) snprintf(path, sizeof(path), "/proc/%d/fd/0", (int) pid);
        fd = open(path, O_PATH | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || major(st.st_rdev) != UNIX98_PTY_SLAVE_MAJOR)
                return -ENOTTY;
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        return open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void exec_terminal_resize(pid_t pid) {
        _cleanup_close_ int fd = open_terminal_of(pid);
        struct winsize size;

        if (fd >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) >= 0)
                (void) ioctl(fd, TIOCSWINSZ, &size);
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
