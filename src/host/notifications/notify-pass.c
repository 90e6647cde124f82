/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/notifications/notify-pass.h"

#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/cgroup.h"
#include "host/notifications/notify-filter.h"
#include "host/notify.h"
#include "host/unit/unit.h"
#include "source/places.h"

enum {
        IDLE_MSEC = 5 * 1000,
        BATCH = 200, /* messages a second: PID 1 reads each of them, and has others to serve */
};

typedef struct Passing {
        int socket_fd, main_fd; /* the latter is a pidfd, negative while there is none */
        const char *unit_name;
        pid_t main_pid;
        time_t second;
        unsigned count; /* of messages in this second */
} Passing;

static void passing_done(Passing *passing) {
        fd_close(passing->main_fd);
}
#define _cleanup_passing_ _cleanup_(passing_done)

static bool is_alive(int pid_fd) {
        return pid_fd >= 0 && poll(&(struct pollfd) { .fd = pid_fd, .events = POLLIN }, 1, 0) == 0;
}

/* Asked twice: a process that systemd has for the main one, before and after it is opened, is
 * that one, and no other that has got its number. Returns 1, 0 when there is none, or -errno. */
static int find_main(Passing *passing) {
        _cleanup_close_ int fd = -EBADF;
        pid_t pid, again;
        int r;

        if (is_alive(passing->main_fd))
                return 1;
        passing->main_fd = fd_close(passing->main_fd);
        r = unit_get_main_process(passing->unit_name, &pid, NULL);
        if (r < 0 || pid <= 1)
                return r;
        fd = pidfd_open(pid, 0);
        if (fd < 0)
                return errno == ESRCH ? 0 : -errno;
        r = unit_get_main_process(passing->unit_name, &again, NULL);
        if (r < 0 || again != pid || !is_alive(fd))
                return r;
        passing->main_fd = TAKE_FD(fd);
        passing->main_pid = pid;
        return 1;
}

/* Who may speak in whose name is the machine's root to say. A user's process is heard for what it
 * is, and so has to be one of the unit's, which is the user's to decide. Nothing else that is in
 * there has a way to the manager. Returns the process in whose name to speak, 0 for this one, or
 * -errno. */
static pid_t find_sender(const Passing *passing) {
        _cleanup_free_ char *control_group = NULL;
        pid_t pid;
        int r;

        if (places_scope() == SCOPE_SYSTEM)
                return passing->main_pid;
        r = unit_get_main_process(passing->unit_name, &pid, &control_group);
        if (r < 0 || pid != passing->main_pid || !*control_group)
                return r < 0 ? r : -ESRCH;
        r = cgroup_is_ours(control_group) ? 0 : cgroup_enter_supervisor(control_group);
        return r < 0 ? r : 0;
}

static void slow_down(Passing *passing) {
        const struct timespec pause = { .tv_sec = 1 };
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec != passing->second) {
                passing->second = now.tv_sec;
                passing->count = 0;
        }
        if (++passing->count >= BATCH)
                (void) nanosleep(&pause, NULL);
}

static int pass_on(Passing *passing, const char *message, size_t size, const int fds[], size_t count) {
        _cleanup_notification_ Notification notification = {};
        pid_t sender;
        int r;

        notification_filter(message, size, count, &notification);
        if (notification.text.failed)
                return -ENOMEM;
        if (notification.text.length == 0)
                return 0;
        r = find_main(passing);
        if (r <= 0)
                return r;
        sender = find_sender(passing);
        if (sender < 0)
                return sender == -ESRCH || sender == -ENOENT ? 0 : sender;
        r = notify_send_as(sender, notification.text.data, fds,
                           notification.barrier || notification.with_fds ? count : 0);
        /* It has ended, and its unit will hear of that. */
        return r == -ESRCH ? 0 : r;
}

/* Returns 1, 0 when nothing was there, or -errno. */
static int take_message(Passing *passing) {
        char message[NOTIFICATION_MAX + 1];
        int fds[NOTIFY_FDS_MAX], r;
        size_t count = 0;
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(fds))];
        } control;
        struct iovec text = { .iov_base = message, .iov_len = sizeof(message) };
        struct msghdr datagram = {
                .msg_iov = &text,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(passing->socket_fd, &datagram, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&datagram); c; c = CMSG_NXTHDR(&datagram, c))
                if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
                        count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                        memcpy(fds, CMSG_DATA(c), count * sizeof(int));
                }
        r = datagram.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? 0 : pass_on(passing, message, (size_t) n, fds, count);
        for (size_t i = 0; i < count; i++)
                fd_close(fds[i]);
        return r < 0 ? r : 1;
}

int notify_pass(int socket_fd, const char *unit_name) {
        _cleanup_passing_ Passing passing = { .socket_fd = socket_fd, .main_fd = -EBADF, .unit_name = unit_name };

        for (;;) {
                struct pollfd ready = { .fd = socket_fd, .events = POLLIN };
                int r = poll(&ready, 1, IDLE_MSEC);

                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r == 0)
                        return 0;
                r = take_message(&passing);
                if (r < 0)
                        return r;
                slow_down(&passing);
        }
}
