/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A unit's main process while a checkpoint of its container is taken. */
#include "start/checkpoint/stand-in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "basic/text.h"
#include "host/cgroup.h"
#include "host/notify.h"
#include "host/unit/unit.h"

#define MANAGER_NOTIFY_SOCKET "/run/systemd/notify"

typedef enum Word {
        WORD_GIVEN_BACK = 'b',
        WORD_LEAVE = 'l',
} Word;

/* The stand-in itself */

/* What the unit's stop begins with, whatever it is: an end with success. */
static void end(int unused _unused_) {
        _exit(EXIT_SUCCESS);
}

static void end_by_any_signal(void) {
        const struct sigaction action = { .sa_handler = end };
        sigset_t none;

        for (int number = 1; number <= SIGRTMAX; number++)
                if (number != SIGCHLD)
                        (void) sigaction(number, &action, NULL); /* two of them cannot be had */
        sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Whoever took the checkpoint is gone. Has it got its name, nobody goes on; else the unit is what
 * it was before, if the container's first process is there. */
static _Noreturn void give_back_alone(pid_t main_pid, int main_fd, const Hold *hold) {
        if (hold_is_named(hold))
                _exit(hold_end(hold) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        (void) hold_release(hold);
        if (poll(&(struct pollfd) { .fd = main_fd, .events = POLLIN }, 1, 0) == 0 &&
            notify_main_process(main_pid, false, 0) >= 0)
                _exit(EXIT_SUCCESS);
        _exit(EXIT_FAILURE);
}

static _Noreturn void stand_in(pid_t main_pid, int main_fd, int fd, Hold *hold) {
        bool left = false;
        char word;

        for (;;) {
                ssize_t n = recv(fd, &word, sizeof(word), 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n == 1 && word == WORD_LEAVE) {
                        left = true;
                        hold_done(hold);
                } else if (n == 1 || left)
                        _exit(EXIT_SUCCESS);
                else
                        give_back_alone(main_pid, main_fd, hold);
        }
}

/* Keeps nothing of whoever has started it, a terminal, a pipe that somebody reads to its end, but
 * those, which get other numbers. */
static int leave_all_behind(int *const fds[], size_t count) {
        int null_fd = open("/dev/null", O_RDWR), next = STDERR_FILENO + 1;

        if (null_fd < 0 || setsid() < 0)
                return -errno;
        /* Not to be what they are moved to below. */
        for (size_t i = 0; i < count; i++)
                if (*fds[i] >= 0 && (*fds[i] = fcntl(*fds[i], F_DUPFD, STDERR_FILENO + 1 + (int) count)) < 0)
                        return -errno;
        for (int standard = 0; standard <= STDERR_FILENO; standard++)
                if (dup2(null_fd, standard) < 0)
                        return -errno;
        for (size_t i = 0; i < count; i++)
                if (*fds[i] >= 0 && (*fds[i] = dup2(*fds[i], next++)) < 0)
                        return -errno;
        return syscall(SYS_close_range, next, ~0U, 0) < 0 ? -errno : 0;
}

/* A child of nobody, and so PID 1's, which gets to know how it ends. */
static _Noreturn void become_stand_in(const char *control_group, pid_t main_pid, int main_fd, int fd, Hold hold) {
        int *const kept[] = { &fd, &main_fd, &hold.group_fd, &hold.lock_fd, &hold.new_fd };
        pid_t pid;

        if (leave_all_behind(kept, ARRAY_SIZE(kept)) < 0)
                _exit(EXIT_FAILURE);
        pid = fork();
        if (pid != 0)
                _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        (void) prctl(PR_SET_NAME, "berth-stand-in");
        end_by_any_signal();
        pid = getpid();
        if (cgroup_enter_supervisor(control_group) < 0 || send(fd, &pid, sizeof(pid), MSG_NOSIGNAL) != sizeof(pid))
                _exit(EXIT_FAILURE);
        stand_in(main_pid, main_fd, fd, &hold);
}

/* Whoever has it started */

static bool is_main(const char *unit_name, pid_t pid) {
        pid_t now;

        return unit_get_main_process(unit_name, &now, NULL) >= 0 && now == pid;
}

/* systemd believes root what it says in the name of the unit's main process. */
static int hand_over(const char *unit_name, pid_t from, pid_t to) {
        enum { TIMES = 500, PAUSE_NSEC = 10 * 1000 * 1000 };
        _cleanup_free_ char *message = text_format("MAINPID=%d", (int) to);
        int r;

        if (!message)
                return -ENOMEM;
        if (setenv("NOTIFY_SOCKET", MANAGER_NOTIFY_SOCKET, 1) < 0)
                return -errno;
        r = notify_send_as(from, message, NULL, 0);
        for (int i = 0; r >= 0 && i < TIMES; i++) {
                if (is_main(unit_name, to))
                        return 0;
                (void) nanosleep(&(struct timespec) { .tv_nsec = PAUSE_NSEC }, NULL);
        }
        return r < 0 ? r : -ETIMEDOUT;
}

static int start(const char *control_group, int main_fd, const Hold *hold, StandIn *stand_in) {
        _cleanup_close_ int far_end = -EBADF;
        int ends[2], status;
        pid_t child;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        stand_in->fd = ends[0];
        far_end = ends[1];
        /* Said before there is one that may have to speak for itself. */
        if (setenv("NOTIFY_SOCKET", MANAGER_NOTIFY_SOCKET, 1) < 0)
                return -errno;
        child = fork();
        if (child < 0)
                return -errno;
        if (child == 0)
                become_stand_in(control_group, stand_in->main_pid, main_fd, far_end, *hold);
        far_end = fd_close(far_end);
        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return recv(stand_in->fd, &stand_in->pid, sizeof(stand_in->pid), 0) == sizeof(stand_in->pid) ? 0 : -EIO;
}

int stand_in_begin(const char *unit_name, const char *control_group, pid_t main_pid, const Hold *hold,
                   StandIn *ret) {
        _cleanup_stand_in_ StandIn stand_in = { .unit_name = unit_name, .main_pid = main_pid, .fd = -EBADF };
        _cleanup_close_ int main_fd = pidfd_open(main_pid, 0);
        int r;

        if (main_fd < 0)
                return -errno;
        /* It could have ended, and its number be another one's, before it was opened. */
        if (!is_main(unit_name, main_pid))
                return -ESRCH;
        r = start(control_group, main_fd, hold, &stand_in);
        if (r >= 0)
                r = hand_over(unit_name, main_pid, stand_in.pid);
        if (r < 0)
                return r;
        *ret = stand_in;
        stand_in.fd = -EBADF;
        return 0;
}

int stand_in_share(const StandIn *stand_in, bool share) {
        return fcntl(stand_in->fd, F_SETFD, share ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

static void tell(StandIn *stand_in, Word word) {
        const char letter = (char) word;

        (void) send(stand_in->fd, &letter, sizeof(letter), MSG_NOSIGNAL);
}

int stand_in_give_back(StandIn *stand_in) {
        int r = hand_over(stand_in->unit_name, stand_in->pid, stand_in->main_pid);

        if (r >= 0)
                tell(stand_in, WORD_GIVEN_BACK);
        stand_in->fd = fd_close(stand_in->fd);
        return r;
}

void stand_in_leave(StandIn *stand_in) {
        tell(stand_in, WORD_LEAVE);
}

void stand_in_done(StandIn *stand_in) {
        stand_in->fd = fd_close(stand_in->fd);
}
