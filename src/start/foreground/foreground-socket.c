/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets below PLACE_FOREGROUND. */
#include "start/foreground/foreground-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/text.h"
#include "source/places.h"

/* Whoever started berth run may have stopped it. */
enum { ANSWER_SEC = 10 };

static int open_directory(void) {
        int fd = open(place_path(PLACE_FOREGROUND), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* Under another name until somebody listens: who finds a socket at which nobody does may take it
 * for one that was left. */
int foreground_listen(const char *name, int type) {
        _cleanup_close_ int directory_fd = open_directory(), fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
        _cleanup_free_ char *temporary = text_format(".%d", (int) getpid());
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int r;

        if (!temporary)
                return -ENOMEM;
        if (directory_fd < 0)
                return directory_fd;
        snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory_fd, temporary);
        (void) unlinkat(directory_fd, temporary, 0);
        if (fd < 0 || bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        if (listen(fd, 8) < 0 || renameat(directory_fd, temporary, directory_fd, name) < 0) {
                r = -errno;
                (void) unlinkat(directory_fd, temporary, 0);
                return r;
        }
        return TAKE_FD(fd);
}

/* By a descriptor: a container's name may be longer than what an address has room for. */
int foreground_connect(const char *name) {
        static const struct timeval patience = { .tv_sec = ANSWER_SEC };
        _cleanup_close_ int directory_fd = open_directory(), socket_fd = -EBADF, fd = -EBADF;
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (directory_fd < 0)
                return directory_fd;
        socket_fd = openat(directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (socket_fd < 0)
                return -errno;
        snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", socket_fd);
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
            connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

void foreground_forget(const char *name) {
        _cleanup_close_ int directory_fd = open_directory();

        if (directory_fd >= 0)
                (void) unlinkat(directory_fd, name, 0);
}

int foreground_send(int fd, const void *message, size_t size, const int fds[], size_t count) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(_FOREGROUND_STREAM_COUNT * sizeof(int))];
        } control = {};
        struct iovec data = { (void *) (uintptr_t) message, size };
        struct msghdr packet = { .msg_iov = &data, .msg_iovlen = 1 };

        if (count > 0) {
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
                memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
                packet.msg_control = &control;
                packet.msg_controllen = CMSG_SPACE(count * sizeof(int));
        }
        return sendmsg(fd, &packet, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Returns how many bytes, with as many descriptors as there are; or -errno. */
static ssize_t receive(int fd, void *message, size_t size, int ret_fds[], size_t most, size_t *ret_count) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(_FOREGROUND_STREAM_COUNT * sizeof(int))];
        } control = {};
        struct iovec data = { message, size };
        struct msghdr packet = {
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = CMSG_LEN(most * sizeof(int)), /* room for no more, where CMSG_SPACE() rounds up */
        };
        ssize_t n = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC);
        const struct cmsghdr *header;
        size_t count = 0;

        for (size_t i = 0; i < most; i++)
                ret_fds[i] = -EBADF;
        if (n < 0)
                return -errno;
        header = CMSG_FIRSTHDR(&packet);
        if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
                count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                memcpy(ret_fds, CMSG_DATA(header), count * sizeof(int));
        }
        *ret_count = count;
        return n;
}

int foreground_receive(int fd, void *message, size_t size, int ret_fds[], size_t most) {
        size_t count = 0;
        ssize_t n = receive(fd, message, size, ret_fds, most, &count);

        if (n < 0)
                return (int) n;
        if (n == 0)
                return -EPIPE;
        return (size_t) n == size ? (int) count : -EBADMSG;
}

int foreground_receive_terminal(int fd) {
        char name[4096];
        int terminal_fd;
        size_t count;
        ssize_t n = receive(fd, name, sizeof(name), &terminal_fd, 1, &count);

        if (n < 0)
                return (int) n;
        return count == 1 ? terminal_fd : -EBADMSG;
}
