/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking for properties over D-Bus: what is said and understood, byte by byte, and a manager that
 * answers in pieces, is executing itself anew, or makes no sense. */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "host/bus/bus-message.h"
#include "host/bus/unit-bus.h"
#include "source/places.h"
#include "tests/unit/test.h"

enum { REPLY = 2, ERROR = 3, SIGNAL = 4 };

static void pad(Text *text, size_t start, size_t alignment) {
        while ((text->length - start) % alignment != 0)
                text_append_char(text, '\0');
}

static void number(Text *text, size_t start, uint32_t value) {
        pad(text, start, 4);
        text_append_n(text, (const char *) &value, sizeof(value));
}

static void string(Text *text, size_t start, const char *value) {
        number(text, start, (uint32_t) strlen(value));
        text_append_n(text, value, strlen(value) + 1);
}

static void signature(Text *text, const char *value) {
        text_append_char(text, (char) strlen(value));
        text_append_n(text, value, strlen(value) + 1);
}

static void field(Text *text, size_t start, char code, const char *type) {
        pad(text, start, 8);
        text_append_char(text, code);
        signature(text, type);
}

/* A message as the manager would send it, whose body is `body` behind its variant's signature. */
static void append_message(Text *text, char type, uint32_t reply_to, const char *variant, const Text *body) {
        const char fixed[] = { __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B', type, 1, 1, 0, 0, 0, 0 };
        size_t start = text->length, fields, body_start;
        uint32_t value;

        text_append_n(text, fixed, sizeof(fixed));
        number(text, start, 77);
        number(text, start, 0);
        fields = text->length;
        field(text, start, 5, "u");
        number(text, start, reply_to);
        field(text, start, 7, "s");
        string(text, start, "org.freedesktop.systemd1");
        if (type == ERROR) {
                field(text, start, 4, "s");
                string(text, start, "org.freedesktop.DBus.Error.UnknownObject");
        }
        field(text, start, 8, "g");
        signature(text, "v");
        value = (uint32_t) (text->length - fields);
        memcpy(text->data + start + 12, &value, sizeof(value));
        pad(text, start, 8);
        body_start = text->length;
        signature(text, variant);
        pad(text, body_start, strchr("t", *variant) ? 8 : 4);
        text_append_n(text, body->data ? body->data : "", body->length);
        value = (uint32_t) (text->length - body_start);
        memcpy(text->data + start + 4, &value, sizeof(value));
        ck_assert(!text->failed);
}

static void parse(const Text *text, BusMessage *ret) {
        ck_assert_int_eq(bus_message_size(text->data, text->length), (ssize_t) text->length);
        ck_assert_int_eq(bus_message_parse(text->data, text->length, ret), 0);
}

START_TEST(a_call) {
        static const char expected[] = "org.freedesktop.DBus.Properties";
        _cleanup_text_ Text text = {};
        BusMessage message;

        text_append(&text, "before");
        bus_append_get(&text, 5, "service", "/object", "interface", "name");
        ck_assert(!text.failed);
        ck_assert_int_eq(bus_message_size(text.data + 6, text.length - 6), (ssize_t) (text.length - 6));
        ck_assert_int_eq(bus_message_parse(text.data + 6, text.length - 6, &message), 0);
        ck_assert_uint_eq(message.reply_to, 0);
        ck_assert_ptr_null(message.error);
        ck_assert_str_eq(message.signature, "ss");
        /* Two strings of nine and four characters, each with its length and its end. */
        ck_assert_uint_eq(message.body_size, 4 + 10 + 2 + 4 + 5);
        ck_assert_str_eq(message.body + 4, "interface");
        ck_assert_str_eq(message.body + 20, "name");
        ck_assert_ptr_nonnull(memmem(text.data, text.length, expected, sizeof(expected)));
}
END_TEST

START_TEST(values) {
        _cleanup_string_list_ StringList list = {};
        _cleanup_free_ char *word = strdup("before");
        bool any = false;
        uint64_t wide = 0;
        int32_t narrow = 0;
        BusMessage message;

        {
                _cleanup_text_ Text text = {}, body = {};
                string(&body, 0, "web.service");
                append_message(&text, REPLY, 3, "s", &body);
                parse(&text, &message);
                ck_assert_uint_eq(message.reply_to, 3);
                ck_assert_int_eq(bus_message_read_value(&message, "s", &word), 0);
                ck_assert_str_eq(word, "web.service");
                /* Of another type than asked for. */
                ck_assert_int_eq(bus_message_read_value(&message, "i", &narrow), -EBADMSG);
        }
        {
                _cleanup_text_ Text text = {}, body = {};
                number(&body, 0, 8 + 2 + 2 + 4 + 4);
                string(&body, 0, "memory");
                string(&body, 0, "cpu");
                append_message(&text, REPLY, 3, "as", &body);
                parse(&text, &message);
                ck_assert_int_eq(bus_message_read_value(&message, "as", &list), 0);
                ck_assert_uint_eq(list.count, 2);
                ck_assert_str_eq(list.items[1], "cpu");
                ck_assert_int_eq(bus_message_read_value(&message, "s", &word), -EBADMSG);
        }
        {
                _cleanup_text_ Text text = {}, body = {};
                number(&body, 0, (uint32_t) -15);
                append_message(&text, REPLY, 3, "i", &body);
                parse(&text, &message);
                ck_assert_int_eq(bus_message_read_value(&message, "i", &narrow), 0);
                ck_assert_int_eq(narrow, -15);
        }
        {
                _cleanup_text_ Text text = {}, body = {};
                wide = UINT64_C(0x0123456789abcdef);
                text_append_n(&body, (const char *) &wide, sizeof(wide));
                wide = 0;
                append_message(&text, REPLY, 3, "t", &body);
                parse(&text, &message);
                ck_assert_int_eq(bus_message_read_value(&message, "t", &wide), 0);
                ck_assert_uint_eq(wide, UINT64_C(0x0123456789abcdef));
        }
        for (uint32_t n = 0; n < 2; n++) {
                _cleanup_text_ Text text = {}, body = {};
                number(&body, 0, n * 40);
                append_message(&text, REPLY, 3, "a(st)", &body);
                parse(&text, &message);
                ck_assert_int_eq(bus_message_read_value(&message, "a(st)", &any), 0);
                ck_assert_int_eq(any, n > 0);
        }
}
END_TEST

/* Whatever a byte is changed to, and wherever the bytes end, it is understood or refused. */
START_TEST(nonsense) {
        static const char bytes[] = { 0, 1, 2, 7, 'a', 'g', 's', 'u', 'v', 127, -1 };
        _cleanup_text_ Text text = {}, body = {};

        number(&body, 0, 8 + 2 + 2 + 4 + 4);
        string(&body, 0, "memory");
        string(&body, 0, "cpu");
        append_message(&text, REPLY, 3, "as", &body);
        for (size_t i = 0; i < text.length; i++) {
                ck_assert_int_le(bus_message_size(text.data, i), 0);
                ck_assert_int_eq(bus_message_parse(text.data, i, &(BusMessage) {}), -EBADMSG);
                for (size_t j = 0; j < sizeof(bytes); j++) {
                        _cleanup_string_list_ StringList list = {};
                        BusMessage message;
                        char before = text.data[i];

                        text.data[i] = bytes[j];
                        if (bus_message_parse(text.data, text.length, &message) == 0)
                                (void) bus_message_read_value(&message, "as", &list);
                        text.data[i] = before;
                }
        }
        /* More than anybody wants to read. */
        memset(text.data + 4, 0x7f, 4);
        ck_assert_int_eq(bus_message_size(text.data, text.length), -EMSGSIZE);
}
END_TEST

static char *runtime_directory;

static void set_up(void) {
        _cleanup_free_ char *directory = NULL;

        runtime_directory = test_directory();
        directory = path_join(runtime_directory, "systemd");
        ck_assert_int_eq(mkdir(directory, 0700), 0);
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", runtime_directory, 1), 0);
        ck_assert_int_eq(setenv("HOME", runtime_directory, 1), 0);
        ck_assert_int_eq(places_choose(SCOPE_USER), 0);
}

static void tear_down(void) {
        test_directory_done(&runtime_directory);
}

static int listen_as_manager(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", place_path(PLACE_MANAGER_SOCKET));
        ck_assert_int_eq(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        ck_assert_int_eq(listen(fd, 5), 0);
        return fd;
}

static struct timespec busy; /* how long it greets nobody */

/* Hangs up on the first, and answers the next, in pieces of `step` bytes. */
static pid_t serve(int listen_fd, const Text *answer, size_t step) {
        pid_t pid = fork();
        char question[4096];
        int fd;

        ck_assert_int_ge(pid, 0);
        if (pid > 0)
                return pid;
        fd_close(accept(listen_fd, NULL, NULL));
        fd = accept(listen_fd, NULL, NULL);
        if (read(fd, question, sizeof(question)) < 200)
                _exit(1);
        (void) nanosleep(&busy, NULL);
        for (size_t sent = 0; sent < answer->length; sent += step) {
                size_t n = answer->length - sent < step ? answer->length - sent : step;

                if (write(fd, answer->data + sent, n) != (ssize_t) n)
                        _exit(2);
        }
        _exit(0);
}

static int ask(const Text *answer, size_t step, char **ret_state, int32_t *ret_signal) {
        const UnitProperty properties[] = {
                { "Unit", "SubState", "s", ret_state },
                { "Service", "Type", "s", NULL },
                { "Service", "KillSignal", "i", ret_signal },
        };
        _cleanup_close_ int fd = listen_as_manager();
        pid_t pid = serve(fd, answer, step);
        int status, r = unit_bus_get("a-1@x.service", properties, ARRAY_SIZE(properties));

        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        ck_assert_int_eq(unlink(place_path(PLACE_MANAGER_SOCKET)), 0);
        return r;
}

static void append_answers(Text *text) {
        _cleanup_text_ Text state = {}, signal = {};

        text_append(text, "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n");
        string(&state, 0, "running");
        number(&signal, 0, 15);
        /* What others are told meanwhile, and the answers in another order. */
        append_message(text, SIGNAL, 3, "s", &state);
        append_message(text, REPLY, 3, "i", &signal);
        append_message(text, REPLY, 1, "s", &state);
}

START_TEST(a_manager) {
        static const size_t steps[] = { 1, 7, 4096 };

        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                _cleanup_free_ char *state = NULL;
                _cleanup_text_ Text answer = {};
                int32_t signal = 0;

                append_answers(&answer);
                ck_assert_int_eq(ask(&answer, steps[i], &state, &signal), 0);
                ck_assert_str_eq(state, "running");
                ck_assert_int_eq(signal, 15);
        }
}
END_TEST

/* As one does that starts twenty units at once. */
START_TEST(a_manager_that_is_busy) {
        _cleanup_free_ char *state = NULL;
        _cleanup_text_ Text answer = {};
        int32_t signal = 0;

        busy = (struct timespec) { .tv_nsec = 700 * 1000 * 1000 };
        append_answers(&answer);
        ck_assert_int_eq(ask(&answer, 4096, &state, &signal), 0);
        ck_assert_str_eq(state, "running");
        busy = (struct timespec) {};
}
END_TEST

START_TEST(a_manager_that_refuses) {
        _cleanup_free_ char *state = NULL;
        _cleanup_text_ Text error = {}, stranger = {}, words = {}, none = {};
        int32_t signal = 0;

        text_append(&error, "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n");
        append_message(&error, ERROR, 1, "s", &none);
        ck_assert_int_eq(ask(&error, 4096, &state, &signal), -ENOENT);
        text_append(&stranger, "REJECTED EXTERNAL\r\n");
        ck_assert_int_eq(ask(&stranger, 4096, &state, &signal), -EACCES);
        text_append(&words, "OK 0\r\nthis is no message at all");
        ck_assert_int_eq(ask(&words, 4096, &state, &signal), -EBADMSG);
        ck_assert_ptr_null(state);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("bus");
        TCase *messages = tcase_create("messages"), *managers = tcase_create("managers");

        tcase_add_test(messages, a_call);
        tcase_add_test(messages, values);
        tcase_add_test(messages, nonsense);
        suite_add_tcase(suite, messages);
        tcase_add_checked_fixture(managers, set_up, tear_down);
        tcase_add_test(managers, a_manager);
        tcase_add_test(managers, a_manager_that_is_busy);
        tcase_add_test(managers, a_manager_that_refuses);
        suite_add_tcase(suite, managers);
        return test_run(suite);
}
