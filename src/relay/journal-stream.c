/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream to journald. */
#include "relay/journal-stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "basic/alloc.h"

enum {
        SEND_BUFFER = 512 * 1024, /* a batch fits in whole, with what the kernel needs around it */
        SMALLEST_PACKET = 256,    /* less is a packet that is just being freed */
};

int journal_stream_open(const char *journal_namespace, const char *header) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        static const int buffer = SEND_BUFFER;
        int n;

        if (fd < 0)
                return -errno;
        n = snprintf(address.sun_path, sizeof(address.sun_path), "/run/systemd/journal%s%s/stdout",
                     *journal_namespace ? "." : "", journal_namespace);
        if (n < 0 || (size_t) n >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) < 0 &&
            setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        if (send(fd, header, strlen(header), MSG_NOSIGNAL) != (ssize_t) strlen(header))
                return -EIO;
        return TAKE_FD(fd);
}

size_t journal_stream_pending(int fd) {
        int pending;

        return ioctl(fd, SIOCOUTQ, &pending) < 0 || pending < SMALLEST_PACKET ? 0 : (size_t) pending;
}

int journal_stream_send(int fd, const char *data, size_t size, pid_t pid) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(struct ucred))];
        } control = {
                .header = {
                        .cmsg_level = SOL_SOCKET,
                        .cmsg_type = SCM_CREDENTIALS,
                        .cmsg_len = CMSG_LEN(sizeof(struct ucred)),
                },
        };
        const struct ucred sender = { .pid = pid };
        struct iovec bytes = { .iov_base = (char *) data, .iov_len = size };
        struct msghdr message = {
                .msg_iov = &bytes,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n;

        memcpy(CMSG_DATA(&control.header), &sender, sizeof(sender));
        n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        /* It is in one piece, or memory has run out: what was sent so far then ends with the
         * stream, and all of it is sent again on another. */
        return (size_t) n == size ? 0 : -EIO;
}
