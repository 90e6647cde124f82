/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the service manager about a unit. */
#include "host/bus/unit-bus.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "basic/text.h"
#include "host/bus/bus-message.h"
#include "host/manager.h"
#include "source/places.h"

enum {
        /* A socket that systemd listens on for a bus daemon that is not up yet says nothing. */
        GREETING_MSEC = 500,
        ANSWER_MSEC = 25 * 1000, /* as libsystemd has it */
        CHUNK_SIZE = 16 * 1024,
        LONGEST_GREETING = 1024,
};

typedef struct Connection {
        int fd;
        Text received;
        size_t taken; /* of what was received */
} Connection;

static void connection_done(Connection *connection) {
        fd_close(connection->fd);
        text_done(&connection->received);
}

static int set_patience(int fd, unsigned msec) {
        const struct timeval time = { .tv_sec = msec / 1000, .tv_usec = msec % 1000 * 1000 };

        return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) < 0 ||
                               setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)) < 0
                       ? -errno
                       : 0;
}

static int connect_to(const char *path, unsigned patience_msec) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int r;

        if (fd < 0)
                return -errno;
        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        r = set_patience(fd, patience_msec);
        if (r < 0)
                return r;
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;
        return TAKE_FD(fd);
}

static int send_all(int fd, const Text *text) {
        for (size_t sent = 0; sent < text->length;) {
                ssize_t n = send(fd, text->data + sent, text->length - sent, MSG_NOSIGNAL);

                if (n < 0 && errno != EINTR)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                sent += n > 0 ? (size_t) n : 0;
        }
        return 0;
}

static int receive(Connection *connection) {
        char chunk[CHUNK_SIZE];
        ssize_t n;

        do
                n = recv(connection->fd, chunk, sizeof(chunk), 0);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (n == 0)
                return -ECONNRESET;
        text_append_n(&connection->received, chunk, (size_t) n);
        return connection->received.failed ? -ENOMEM : 0;
}

/* Skips the lines that come before messages. The last of them says OK, once we are known. */
static int await_greeting(Connection *connection) {
        int r;

        for (;;) {
                const char *line = connection->received.data ? connection->received.data + connection->taken : "";
                const char *end = strstr(line, "\r\n");

                if (!end && connection->received.length >= LONGEST_GREETING)
                        return -EBADMSG;
                if (!end) {
                        r = receive(connection);
                        if (r < 0)
                                return r;
                        continue;
                }
                connection->taken += (size_t) (end - line) + strlen("\r\n");
                if (startswith(line, "OK "))
                        return set_patience(connection->fd, ANSWER_MSEC);
                if (!startswith(line, "DATA"))
                        return -EACCES;
        }
}

/* What stays valid until the next call. */
static int await_message(Connection *connection, BusMessage *ret) {
        for (;;) {
                const char *data = connection->received.data + connection->taken;
                ssize_t size = bus_message_size(data, connection->received.length - connection->taken);
                int r;

                if (size < 0)
                        return (int) size;
                if (size > 0) {
                        connection->taken += (size_t) size;
                        return bus_message_parse(data, (size_t) size, ret);
                }
                r = receive(connection);
                if (r < 0)
                        return r;
        }
}

static int error_of(const char *name) {
        static const struct {
                const char *end;
                int error;
        } known[] = {
                { ".UnknownObject", -ENOENT },      { ".UnknownInterface", -ENOENT },
                { ".UnknownProperty", -ENOENT },    { ".NoSuchUnit", -ENOENT },
                { ".NameHasNoOwner", -ENOTCONN },   { ".ServiceUnknown", -ENOTCONN },
                { ".NoReply", -ECONNRESET },        { ".Disconnected", -ECONNRESET },
                { ".AccessDenied", -EACCES },       { ".NoMemory", -ENOMEM },
                { ".LimitsExceeded", -ENOBUFS },
        };

        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (endswith(name, known[i].end))
                        return known[i].error;
        return -EREMOTEIO;
}

/* As systemd has it: all but letters and digits, and a digit that comes first, as _HH. */
static void append_object(Text *text, const char *unit_name) {
        text_append(text, SYSTEMD_PATH "/unit/");
        for (const char *c = unit_name; *c; c++)
                if (isalpha((unsigned char) *c) || (isdigit((unsigned char) *c) && c != unit_name))
                        text_append_char(text, *c);
                else
                        text_appendf(text, "_%02x", (unsigned) (unsigned char) *c);
}

/* Signs on and asks, all at once; a question's serial is its place among the properties, and one
 * more. */
static int ask(int fd, bool hello, const char *object, const UnitProperty properties[], size_t count) {
        static const char greeting[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
        _cleanup_text_ Text text = {};

        text_append_n(&text, greeting, sizeof(greeting) - 1);
        if (hello)
                bus_append_hello(&text, (uint32_t) count + 1);
        for (size_t i = 0; i < count; i++) {
                char interface[64];

                if (!properties[i].ret)
                        continue;
                (void) snprintf(interface, sizeof(interface), SYSTEMD_SERVICE ".%s", properties[i].interface);
                bus_append_get(&text, (uint32_t) i + 1, SYSTEMD_SERVICE, object, interface, properties[i].name);
        }
        return text.failed ? -ENOMEM : send_all(fd, &text);
}

static int take_answers(Connection *connection, const UnitProperty properties[], size_t count) {
        size_t left = 0;
        int r = 0;

        for (size_t i = 0; i < count; i++)
                left += properties[i].ret != NULL;
        while (left > 0 && r >= 0) {
                const UnitProperty *property;
                BusMessage message;

                r = await_message(connection, &message);
                if (r < 0 || message.reply_to == 0 || message.reply_to > count + 1)
                        continue;
                if (message.error)
                        return error_of(message.error);
                property = &properties[message.reply_to - 1];
                if (message.reply_to == count + 1 || !property->ret)
                        continue;
                r = bus_message_read_value(&message, property->signature, property->ret);
                left--;
        }
        return r;
}

typedef struct Question {
        const char *object;
        const UnitProperty *properties;
        size_t count;
} Question;

/* Returns an fd of the connection over which it was asked. At the manager's own socket nobody else
 * can be meant, and a manager that starts many units greets when it comes to that. */
static int ask_over(Place socket, const Question *question) {
        bool daemon = socket != PLACE_MANAGER_SOCKET;
        _cleanup_close_ int fd = connect_to(place_path(socket), daemon ? GREETING_MSEC : ANSWER_MSEC);
        int r = fd < 0 ? fd : ask(fd, daemon, question->object, question->properties, question->count);

        return r < 0 ? r : TAKE_FD(fd);
}

/* A user's bus daemon is not started for this: there may be nobody else who wants one. */
static bool user_bus_is_up(void) {
        static const char *const services[] = { "dbus.service", "dbus-broker.service" };
        bool up = false;

        for (size_t i = 0; i < ARRAY_SIZE(services) && !up; i++) {
                _cleanup_free_ char *path = text_format("%s/invocation:%s", place_path(PLACE_RUNNING_UNITS),
                                                        services[i]);

                up = path && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        }
        return up;
}

static int ask_daemon(const Question *question) {
        if (places_scope() == SCOPE_SYSTEM)
                return ask_over(PLACE_SYSTEM_BUS, question);
        return user_bus_is_up() ? ask_over(PLACE_USER_BUS, question) : -ENOTCONN;
}

/* Takes over the fd. */
static int take_over(int fd, const Question *question) {
        _cleanup_(connection_done) Connection connection = { .fd = fd };
        int r = fd < 0 ? fd : await_greeting(&connection);

        return r < 0 ? r : take_answers(&connection, question->properties, question->count);
}

static int get_directly(void *userdata) {
        return take_over(ask_over(PLACE_MANAGER_SOCKET, userdata), userdata);
}

static int question_make(Question *question, const char *unit_name, const UnitProperty properties[], size_t count,
                         Text *object) {
        append_object(object, unit_name);
        *question = (Question) { .object = object->data, .properties = properties, .count = count };
        return object->failed ? -ENOMEM : 0;
}

int unit_bus_ask(const char *unit_name, const UnitProperty properties[], size_t count) {
        _cleanup_text_ Text object = {};
        Question question;
        int r = question_make(&question, unit_name, properties, count, &object);

        return r < 0 ? r : ask_daemon(&question);
}

int unit_bus_take(int asked_fd, const char *unit_name, const UnitProperty properties[], size_t count) {
        _cleanup_text_ Text object = {};
        Question question;
        int r = take_over(asked_fd, &(Question) { .properties = properties, .count = count });

        /* It knows best why. */
        if (r >= 0 || r == -ENOMEM || (places_scope() == SCOPE_SYSTEM && geteuid() != 0))
                return r;
        r = question_make(&question, unit_name, properties, count, &object);
        return r < 0 ? r : manager_retry(get_directly, &question);
}

int unit_bus_get(const char *unit_name, const UnitProperty properties[], size_t count) {
        return unit_bus_take(unit_bus_ask(unit_name, properties, count), unit_name, properties, count);
}
