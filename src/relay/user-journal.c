/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines to journald from a user's relay. */
#include "relay/user-journal.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "basic/text.h"

enum {
        SEND_BUFFER = 512 * 1024, /* as much as a user may have */
        LEVEL_MASK = 7,
        FACILITY_SHIFT = 3,
        PREFIX = 3, /* "<6>" */
};

/* The lines of a header, which are in one piece. */
typedef struct Header {
        const char *identifier, *unit, *fields;
        size_t identifier_size, unit_size;
        int priority;
        bool level_prefix;
} Header;

int user_journal_open(void) {
        static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        static const int buffer = SEND_BUFFER;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) < 0 ||
            connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static const char *take_line(const char **header, size_t *ret_size) {
        const char *line = *header;

        *ret_size = strcspn(line, "\n");
        *header += *ret_size + (line[*ret_size] == '\n');
        return line;
}

static Header read_header(const char *text) {
        enum { FORWARD_FLAGS = 3 };
        Header header = {};
        size_t size;

        header.identifier = take_line(&text, &header.identifier_size);
        header.unit = take_line(&text, &header.unit_size);
        header.priority = atoi(take_line(&text, &size));
        header.level_prefix = *take_line(&text, &size) == '1';
        for (int i = 0; i < FORWARD_FLAGS; i++)
                (void) take_line(&text, &size);
        header.fields = text;
        return header;
}

/* What is the same for all lines. The fields end with a newline each. */
static int describe(const Header *header, Text *text) {
        text_append(text, "SYSLOG_IDENTIFIER=");
        text_append_n(text, header->identifier, header->identifier_size);
        text_append(text, "\nUSER_UNIT=");
        text_append_n(text, header->unit, header->unit_size);
        text_appendf(text, "\nSYSLOG_FACILITY=%d\n%s", header->priority >> FACILITY_SHIFT, header->fields);
        return text->failed ? -ENOMEM : 0;
}

/* journald ends a line at a NUL as well. */
static size_t line_length(const char *batch, size_t size) {
        size_t n = 0;

        while (n < size && batch[n] != '\n' && batch[n] != '\0')
                n++;
        return n;
}

static int send_line(int fd, const Header *header, const Text *same, const char *line, size_t size) {
        int level = header->priority & LEVEL_MASK;
        char priority[] = "PRIORITY=6\nMESSAGE=";

        if (header->level_prefix && size >= PREFIX && line[0] == '<' && line[1] >= '0' && line[1] <= '7' &&
            line[2] == '>') {
                level = line[1] - '0';
                line += PREFIX;
                size -= PREFIX;
        }
        /* As with a stream. */
        if (size == 0)
                return 0;
        priority[strlen("PRIORITY=")] = (char) ('0' + level);
        return sendmsg(fd,
                       &(struct msghdr) {
                               .msg_iov =
                                       (struct iovec[]) {
                                               { .iov_base = same->data, .iov_len = same->length },
                                               { .iov_base = priority, .iov_len = strlen(priority) },
                                               { .iov_base = (char *) line, .iov_len = size },
                                               { .iov_base = (char[]) { '\n' }, .iov_len = 1 },
                                       },
                               .msg_iovlen = 4,
                       },
                       MSG_NOSIGNAL | MSG_DONTWAIT) < 0
                       ? -errno
                       : 0;
}

int user_journal_send(int fd, const char *header_text, const char *batch, size_t size, uint32_t *sent) {
        const Header header = read_header(header_text);
        _cleanup_text_ Text same = {};
        int r = describe(&header, &same);

        for (size_t at = 0; at < size && r >= 0;) {
                size_t length = line_length(batch + at, size - at);

                r = send_line(fd, &header, &same, batch + at, length);
                if (r < 0)
                        break;
                at += length + (at + length < size);
                *sent = (uint32_t) at;
        }
        return r;
}
