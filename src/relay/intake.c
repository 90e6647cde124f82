/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the relay is told. */
#include "relay/intake.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/alloc.h"

/* What came along with a datagram. */
typedef struct Ancillary {
        struct ucred sender;
        int fds[_LOG_STREAM_COUNT];
        size_t fd_count;
} Ancillary;

static void take_fds(const unsigned char *data, size_t count, Ancillary *ret) {
        for (size_t i = 0; i < count; i++) {
                int fd;

                memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
                if (ret->fd_count < ARRAY_SIZE(ret->fds))
                        ret->fds[ret->fd_count++] = fd;
                else
                        fd_close(fd);
        }
}

static void read_ancillary(struct msghdr *datagram, Ancillary *ret) {
        for (struct cmsghdr *header = CMSG_FIRSTHDR(datagram); header; header = CMSG_NXTHDR(datagram, header)) {
                if (header->cmsg_level != SOL_SOCKET)
                        continue;
                if (header->cmsg_type == SCM_CREDENTIALS)
                        memcpy(&ret->sender, CMSG_DATA(header), sizeof(ret->sender));
                if (header->cmsg_type == SCM_RIGHTS)
                        take_fds(CMSG_DATA(header), (header->cmsg_len - CMSG_LEN(0)) / sizeof(int), ret);
        }
}

static ssize_t receive(int socket_fd, LogRelayMessage *message, Ancillary *ret) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(_LOG_STREAM_COUNT * sizeof(int))];
        } control;
        struct iovec data = { .iov_base = message, .iov_len = sizeof(*message) };
        struct msghdr datagram = {
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(socket_fd, &datagram, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        read_ancillary(&datagram, ret);
        return datagram.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EBADMSG : n;
}

/* Three strings, each with its NUL. */
static bool is_sound(const LogRelayMessage *message, ssize_t size) {
        enum { STRINGS = 1 + _LOG_STREAM_COUNT };
        size_t strings = 0;

        if (size < (ssize_t) offsetof(LogRelayMessage, text) || message->text_size > sizeof(message->text) ||
            (size_t) size != offsetof(LogRelayMessage, text) + message->text_size)
                return false;
        if (message->verb == LOG_RELAY_MAIN)
                return message->pid > 1;
        if (message->verb == LOG_RELAY_NETWORK)
                return true;
        for (size_t i = 0; i < message->text_size; i++)
                strings += message->text[i] == '\0';
        return message->verb == LOG_RELAY_OPEN && strings == STRINGS && message->text[message->text_size - 1] == '\0';
}

/* The descriptors are in the order of the streams, and are what the message says. */
static int sort_fds(IntakeMessage *message, Ancillary *ancillary) {
        struct stat st;

        for (size_t i = 0; i < ancillary->fd_count; i++) {
                bool known = false;

                if (fstat(ancillary->fds[i], &st) < 0 || !S_ISFIFO(st.st_mode))
                        return -EBADMSG;
                for (size_t j = 0; j < _LOG_STREAM_COUNT && !known; j++) {
                        known = message->message.inodes[j] == st.st_ino && message->fds[j] < 0;
                        if (known)
                                message->fds[j] = TAKE_FD(ancillary->fds[i]);
                }
                if (!known)
                        return -EBADMSG;
        }
        return message->message.verb == LOG_RELAY_MAIN || ancillary->fd_count > 0 ? 1 : -EBADMSG;
}

static int take_network(IntakeMessage *message, Ancillary *ancillary) {
        if (ancillary->fd_count != 1)
                return -EBADMSG;
        message->network_fd = TAKE_FD(ancillary->fds[0]);
        return 1;
}

int intake_look(int socket_fd, IntakeMessage *ret) {
        _cleanup_intake_message_ IntakeMessage message = INTAKE_MESSAGE_INIT;
        Ancillary ancillary = {};
        ssize_t n = receive(socket_fd, &message.message, &ancillary);
        int r = n < 0 ? (int) n : 1;

        if (n == 0 && ancillary.sender.pid == 0)
                return 0;
        /* The directory of the socket is its user's alone; who sends is what the kernel says. */
        if (r > 0 && (ancillary.sender.uid != getuid() || !is_sound(&message.message, n)))
                r = -EBADMSG;
        if (r > 0)
                r = message.message.verb == LOG_RELAY_NETWORK ? take_network(&message, &ancillary)
                                                              : sort_fds(&message, &ancillary);
        for (size_t i = 0; i < ancillary.fd_count; i++)
                fd_close(ancillary.fds[i]);
        if (r < 0)
                return r;
        message.sender = ancillary.sender.pid;
        *ret = message;
        message = (IntakeMessage) INTAKE_MESSAGE_INIT;
        return 1;
}

void intake_take(int socket_fd) {
        char byte;

        /* Descriptors that have no room are the kernel's to close. */
        (void) recv(socket_fd, &byte, sizeof(byte), MSG_DONTWAIT);
}

void intake_message_done(IntakeMessage *message) {
        for (size_t i = 0; i < _LOG_STREAM_COUNT; i++)
                message->fds[i] = fd_close(message->fds[i]);
        message->network_fd = fd_close(message->network_fd);
}
