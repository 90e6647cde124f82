/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pure, and a list of what is let through: a later systemd may know words that nobody has thought
 * of here. */
#include "host/notifications/notify-filter.h"

#include "basic/text.h"
#include "host/fd-store.h"

enum { DIGITS_MAX = 20, WORD_MAX = 255 };

static bool is_one(const char *value) {
        return streq(value, "1");
}

static bool is_bool(const char *value) {
        return streq(value, "0") || streq(value, "1");
}

static bool is_number(const char *value) {
        size_t n = strspn(value, "0123456789");

        return n > 0 && n <= DIGITS_MAX && !value[n];
}

static bool is_watchdog(const char *value) {
        return streq(value, "1") || streq(value, "trigger");
}

/* A name of an error of D-Bus or Varlink, an exit status. */
static bool is_word(const char *value) {
        size_t n = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

        return n > 0 && n <= WORD_MAX && !value[n];
}

/* Goes to the terminal of whoever asks for the unit's status; what is no UTF-8 is refused by
 * systemd. */
static bool is_status(const char *value) { return !text_has_control(value); }

/* An automatic restart hands the descriptors in the store to our own commands, which know theirs by
 * name. */
static bool is_fd_name(const char *value) {
        size_t n = strlen(value);

        for (size_t i = 0; i < n; i++)
                if (value[i] <= ' ' || value[i] > '~' || value[i] == ':')
                        return false;
        return n > 0 && n <= WORD_MAX && !startswith(value, FD_STORE_PREFIX);
}

typedef enum Group { SAYS, STORES } Group;

static const struct Field {
        const char *name;
        bool (*is_valid)(const char *value);
        Group group;
} fields[] = {
        { "BUSERROR", is_word, SAYS },           { "ERRNO", is_number, SAYS },
        { "EXIT_STATUS", is_word, SAYS },        { "EXTEND_TIMEOUT_USEC", is_number, SAYS },
        { "FDNAME", is_fd_name, STORES },        { "FDPOLL", is_bool, STORES },
        { "FDSTORE", is_one, STORES },           { "FDSTOREREMOVE", is_one, STORES },
        { "MONOTONIC_USEC", is_number, SAYS },   { "READY", is_one, SAYS },
        { "RELOADING", is_one, SAYS },           { "RESTART_RESET", is_one, SAYS },
        { "STATUS", is_status, SAYS },           { "STOPPING", is_one, SAYS },
        { "VARLINKERROR", is_word, SAYS },       { "WATCHDOG", is_watchdog, SAYS },
        { "WATCHDOG_USEC", is_number, SAYS },
};

/* The lines about the store belong together: with one of them wrong none is kept. */
typedef struct Store {
        Text lines;
        bool wrong, puts, removes, named;
} Store;

static void store_done(Store *store) {
        text_done(&store->lines);
}
#define _cleanup_store_ _cleanup_(store_done)

static void take_line(const char *line, Text *kept, Store *store) {
        const char *equals = strchr(line, '=');

        for (size_t i = 0; equals && i < ARRAY_SIZE(fields); i++) {
                size_t n = strlen(fields[i].name);
                bool valid;

                if ((size_t) (equals - line) != n || strncmp(line, fields[i].name, n) != 0)
                        continue;
                valid = fields[i].is_valid(equals + 1);
                if (fields[i].group == STORES) {
                        store->wrong |= !valid;
                        store->puts |= streq(fields[i].name, "FDSTORE");
                        store->removes |= streq(fields[i].name, "FDSTOREREMOVE");
                        /* systemd would take one of them, and not say which. */
                        store->wrong |= streq(fields[i].name, "FDNAME") && store->named;
                        store->named |= streq(fields[i].name, "FDNAME");
                }
                if (valid)
                        text_appendf(fields[i].group == STORES ? &store->lines : kept, "%s\n", line);
                return;
        }
}

void notification_filter(const char *message, size_t size, size_t fd_count, Notification *ret) {
        _cleanup_store_ Store store = {};
        _cleanup_free_ char *copy = NULL;

        /* The last byte may be a NUL, as systemd has it; any other would hide what comes behind
         * it. */
        if (size > 0 && !message[size - 1])
                size--;
        if (size > NOTIFICATION_MAX || memchr(message, 0, size))
                return;
        copy = strndup(message, size);
        if (!copy) {
                ret->text.failed = true;
                return;
        }
        if (streq(copy, "BARRIER=1") || streq(copy, "BARRIER=1\n")) {
                ret->barrier = fd_count == 1;
                if (ret->barrier)
                        text_append(&ret->text, "BARRIER=1");
                return;
        }
        for (char *rest = copy, *line; (line = strsep(&rest, "\n"));)
                take_line(line, &ret->text, &store);
        ret->text.failed |= store.lines.failed;
        if (!store.wrong && store.puts + store.removes == 1 && (store.puts ? fd_count > 0 : store.named)) {
                text_append(&ret->text, store.lines.data);
                ret->with_fds = store.puts;
        }
        /* It must not become longer than what systemd takes. */
        if (ret->text.length > 0 && !ret->text.failed)
                ret->text.data[--ret->text.length] = '\0';
}

void notification_done(Notification *notification) {
        text_done(&notification->text);
}
