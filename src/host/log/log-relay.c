/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving a payload pipes for its output, whose other ends are with the relay. */
#include "host/log/log-relay.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/alloc.h"
#include "source/places.h"

enum {
        SEND_TIMEOUT_SEC = 10, /* the relay may be on its way up, with many before us */
        LEVEL_MASK = 7,
};

static int open_socket(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        static const struct timeval timeout = { .tv_sec = SEND_TIMEOUT_SEC };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", place_path(PLACE_LOG_SOCKET));
        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int send_message(const LogRelayMessage *message, const int fds[], size_t count) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(_LOG_STREAM_COUNT * sizeof(int))];
        } control = {};
        struct iovec data = {
                .iov_base = (void *) message,
                .iov_len = offsetof(LogRelayMessage, text) + message->text_size,
        };
        struct msghdr datagram = { .msg_iov = &data, .msg_iovlen = 1 };
        _cleanup_close_ int fd = open_socket();

        if (fd < 0)
                return fd;
        if (count > 0) {
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
                memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
                datagram.msg_control = &control;
                datagram.msg_controllen = CMSG_SPACE(count * sizeof(int));
        }
        return sendmsg(fd, &datagram, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int append(LogRelayMessage *message, const char *text, size_t size) {
        if (size > LOG_RELAY_TEXT_MAX - message->text_size)
                return -E2BIG;
        memcpy(message->text + message->text_size, text, size);
        message->text_size += (uint32_t) size;
        return 0;
}

/* Standard error is one level above standard output, so that the two can be told apart. */
static int priority_of(const LogSettings *settings, unsigned stream) {
        int level = settings->priority & LEVEL_MASK;

        return (settings->priority & ~LEVEL_MASK) | (stream == LOG_STDERR && level > 0 ? level - 1 : level);
}

/* What journald wants to see first on a stream, as systemd itself sends it. */
static int append_header(LogRelayMessage *message, const LogSettings *settings, unsigned stream) {
        char header[LOG_RELAY_TEXT_MAX];
        int n;

        if (!settings->used[stream])
                return append(message, "", 1);
        /* A line each. */
        if (strchr(settings->identifier, '\n') || strchr(settings->unit_name, '\n'))
                return -EINVAL;
        n = snprintf(header, sizeof(header), "%s\n%s\n%d\n%d\n0\n0\n%d\n", settings->identifier, settings->unit_name,
                     priority_of(settings, stream), settings->level_prefix, settings->console[stream]);
        if (n < 0 || (size_t) n >= sizeof(header))
                return -E2BIG;
        /* Without them where there is no room for two of these. */
        if (settings->fields && (size_t) n + strlen(settings->fields) < LOG_RELAY_TEXT_MAX / _LOG_STREAM_COUNT - 1)
                n += snprintf(header + n, sizeof(header) - (size_t) n, "%s", settings->fields);
        return append(message, header, (size_t) n + 1);
}

static int describe(const LogSettings *settings, LogRelayMessage *message) {
        const char *name = settings->journal_namespace ?: "";
        int r = append(message, name, strlen(name) + 1);

        for (unsigned i = 0; i < _LOG_STREAM_COUNT && r >= 0; i++)
                r = append_header(message, settings, i);
        return r;
}

static int make_pipe(uid_t uid, gid_t gid, int *ret_read, int *ret_write, uint64_t *ret_inode) {
        _cleanup_close_ int read_end = -EBADF, write_end = -EBADF;
        int r = pipe_open(&read_end, &write_end);
        struct stat st;

        if (r < 0)
                return r;
        if (fchown(write_end, uid, gid) < 0 || fstat(write_end, &st) < 0)
                return -errno;
        /* A user with very many pipes may not have large ones. */
        if (fcntl(write_end, F_SETPIPE_SZ, LOG_RELAY_PIPE_SIZE) < 0 && errno != EPERM)
                return -errno;
        *ret_read = TAKE_FD(read_end);
        *ret_write = TAKE_FD(write_end);
        *ret_inode = st.st_ino;
        return 0;
}

int log_relay_open(const LogSettings *settings, uid_t uid, gid_t gid, LogPipes *ret) {
        _cleanup_log_pipes_ LogPipes read_ends = LOG_PIPES_INIT, pipes = LOG_PIPES_INIT;
        LogRelayMessage message = { .verb = LOG_RELAY_OPEN, .pid = getpid() };
        int fds[_LOG_STREAM_COUNT];
        size_t count = 0;
        int r = describe(settings, &message);

        for (unsigned i = 0; i < _LOG_STREAM_COUNT && r >= 0; i++) {
                if (!settings->used[i])
                        continue;
                r = make_pipe(uid, gid, &read_ends.fds[i], &pipes.fds[i], &pipes.inodes[i]);
                if (r >= 0)
                        fds[count++] = read_ends.fds[i];
        }
        if (r < 0)
                return r;
        memcpy(message.inodes, pipes.inodes, sizeof(message.inodes));
        r = send_message(&message, fds, count);
        if (r < 0)
                return r;
        *ret = pipes;
        pipes = (LogPipes) LOG_PIPES_INIT;
        return 0;
}

int log_relay_set_main(const LogPipes *pipes, pid_t pid) {
        LogRelayMessage message = { .verb = LOG_RELAY_MAIN, .pid = pid };

        memcpy(message.inodes, pipes->inodes, sizeof(message.inodes));
        return send_message(&message, NULL, 0);
}

int log_relay_watch_network(const LogPipes *pipes, int pidfd) {
        LogRelayMessage message = { .verb = LOG_RELAY_NETWORK };

        if (pipes->fds[LOG_STDOUT] < 0 && pipes->fds[LOG_STDERR] < 0)
                return -ENOTCONN;
        memcpy(message.inodes, pipes->inodes, sizeof(message.inodes));
        return send_message(&message, &pidfd, 1);
}

void log_pipes_done(LogPipes *pipes) {
        for (size_t i = 0; i < _LOG_STREAM_COUNT; i++)
                pipes->fds[i] = fd_close(pipes->fds[i]);
}
