/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Telling systemd things about our own unit. */
#include "host/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/text.h"

static int find_socket(struct sockaddr_un *ret, socklen_t *ret_size) {
        const char *path = getenv("NOTIFY_SOCKET");
        size_t n = path ? strlen(path) : 0;

        if (n == 0)
                return -ENOTCONN;
        if ((path[0] != '/' && path[0] != '@') || n >= sizeof(ret->sun_path))
                return -EINVAL;
        *ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
        memcpy(ret->sun_path, path, n);
        if (path[0] == '@')
                ret->sun_path[0] = '\0';
        *ret_size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n);
        return 0;
}

/* Appends to the control data of a datagram. */
static void append_control(struct msghdr *datagram, int type, const void *data, size_t size) {
        struct cmsghdr *header = (void *) ((char *) datagram->msg_control + datagram->msg_controllen);

        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = type;
        header->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(header), data, size);
        datagram->msg_controllen += CMSG_SPACE(size);
}

int notify_send_as(pid_t pid, const char *message, const int fds[], size_t count) {
        const struct ucred sender = { .pid = pid, .uid = getuid(), .gid = getgid() };
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(NOTIFY_FDS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
        } control;
        struct iovec text = { .iov_base = (char *) message, .iov_len = strlen(message) };
        struct sockaddr_un address;
        struct msghdr datagram = {
                .msg_name = &address,
                .msg_iov = &text,
                .msg_iovlen = 1,
                .msg_control = &control,
        };
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (count > NOTIFY_FDS_MAX)
                return -E2BIG;
        r = find_socket(&address, &datagram.msg_namelen);
        if (r < 0)
                return r;
        memset(&control, 0, sizeof(control));
        if (pid > 0)
                append_control(&datagram, SCM_CREDENTIALS, &sender, sizeof(sender));
        if (count > 0)
                append_control(&datagram, SCM_RIGHTS, fds, count * sizeof(int));
        if (datagram.msg_controllen == 0)
                datagram.msg_control = NULL;
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        return sendmsg(fd, &datagram, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int notify_send(const char *message, const int fds[], size_t count) {
        return notify_send_as(0, message, fds, count);
}

int notify_status(const char *status) {
        _cleanup_free_ char *message = text_format("STATUS=%s", status);

        return message ? notify_send(message, NULL, 0) : -ENOMEM;
}

/* The manager closes the pipe when it comes to this message. */
int notify_barrier(void) {
        enum { TIMEOUT_MSEC = 5000 };
        _cleanup_close_ int read_end = -EBADF, write_end = -EBADF;
        struct pollfd closed = {};
        int r = pipe_open(&read_end, &write_end);

        if (r < 0)
                return r;
        r = notify_send("BARRIER=1", &write_end, 1);
        if (r < 0)
                return r;
        write_end = fd_close(write_end);
        closed.fd = read_end;
        do
                r = poll(&closed, 1, TIMEOUT_MSEC);
        while (r < 0 && errno == EINTR);
        if (r == 0)
                return -ETIMEDOUT;
        return r < 0 ? -errno : 0;
}

int notify_main_process(pid_t pid, bool ready, uint64_t watch_usec) {
        _cleanup_free_ char *watch = watch_usec > 0 ? text_format("\nWATCHDOG_USEC=%" PRIu64, watch_usec) : NULL,
                            *message = text_format("MAINPID=%d%s%s", (int) pid, ready ? "\nREADY=1" : "", watch ?: "");
        int r;

        if (!message || (watch_usec > 0 && !watch))
                return -ENOMEM;
        r = notify_send(message, NULL, 0);
        return r < 0 ? r : notify_barrier();
}

int notify_watch_end(pid_t pid) {
        _cleanup_free_ char *message = text_format("WATCHDOG_USEC=%s", getenv("WATCHDOG_USEC") ?: "0");

        return message ? notify_send_as(pid, message, NULL, 0) : -ENOMEM;
}

int notify_extend_timeout(uint64_t usec) {
        _cleanup_free_ char *message = text_format("EXTEND_TIMEOUT_USEC=%" PRIu64, usec);

        return message ? notify_send(message, NULL, 0) : -ENOMEM;
}
