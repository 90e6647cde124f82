/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the first half of a start hands to the second. */
#include "start/prepare/prepared.h"

#include <errno.h>
#include <stdlib.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "host/mounts.h"
#include "host/record.h"
#include "host/user/user-root.h"
#include "start/networking.h"

#define PREPARED_FILE "prepared"
#define MOUNTS_FD FD_STORE_PREFIX "mounts"

/* A line of the file that is a word and a value. */
typedef struct Reading {
        Prepared *prepared;
        char *invocation;
        bool mounts;
} Reading;

/* systemd gives each start of a unit a number of its own, and all commands of one start the
 * same. */
static const char *own_invocation(void) {
        return getenv("INVOCATION_ID");
}

static void append_string(Text *text, const char *name, const char *value) {
        if (value)
                record_append(text, name, value, NULL);
}

static void append_id(Text *text, const char *name, uint32_t id) {
        char number[16];

        (void) snprintf(number, sizeof(number), "%u", id);
        record_append(text, name, number, NULL);
}

static int write_down(const Prepared *prepared, const char *invocation, bool mounts) {
        _cleanup_text_ Text text = {};

        append_string(&text, "invocation", invocation);
        append_string(&text, "runtime", prepared->runtime);
        append_string(&text, "unit", prepared->unit_name);
        append_string(&text, "unit-group", prepared->unit_group);
        append_string(&text, "control-group", prepared->control_group);
        append_string(&text, "scope", prepared->scope);
        append_string(&text, "slice", prepared->slice);
        append_id(&text, "root-uid", prepared->root_uid);
        append_id(&text, "root-gid", prepared->root_gid);
        append_string(&text, "no-cgroup", prepared->no_cgroup ? "yes" : NULL);
        append_string(&text, "oneshot", prepared->oneshot ? "yes" : NULL);
        append_string(&text, "wakes", prepared->wakes ? "yes" : NULL);
        append_string(&text, "notifies", prepared->notifies ? "yes" : NULL);
        append_id(&text, "health-timer", prepared->health_timer_msec);
        append_string(&text, "log-identifier", prepared->log_identifier);
        append_string(&text, "log-namespace", prepared->log_namespace);
        append_string(&text, "log-fields", prepared->log_fields);
        append_id(&text, "log-priority", prepared->log_priority);
        append_string(&text, "log-level-prefix", prepared->log_level_prefix ? "yes" : NULL);
        append_string(&text, "log-console-stdout", prepared->log_console_stdout ? "yes" : NULL);
        append_string(&text, "log-console-stderr", prepared->log_console_stderr ? "yes" : NULL);
        append_string(&text, "mounts", mounts ? "yes" : NULL);
        if (text.failed)
                return -ENOMEM;
        return write_file_atomic_at(prepared->bundle.fd, PREPARED_FILE, text.data, text.length, 0600);
}

int prepared_hand_on(const Prepared *prepared) {
        _cleanup_close_ int fd = mounts_open_namespace();
        const char *invocation = own_invocation();
        int r;

        if (fd < 0 && fd != -ENOENT)
                return fd;
        if (!invocation)
                return -ENOTCONN;
        r = fd >= 0 ? fd_store_put(MOUNTS_FD, &fd, 1) : 0;
        return r < 0 ? r : write_down(prepared, invocation, fd >= 0);
}

static int read_id(const char *text, uint32_t *ret) {
        uint64_t number;

        if (text_to_unsigned(text, UINT32_MAX, &number) < 0)
                return -EBADMSG;
        *ret = (uint32_t) number;
        return 0;
}

static int read_string(const char *text, char **field) {
        free(*field);
        *field = strdup(text);
        return *field ? 0 : -ENOMEM;
}

static int read_line(const StringList *words, void *userdata) {
        Reading *reading = userdata;
        Prepared *prepared = reading->prepared;
        const struct {
                const char *name;
                char **string;
                uint32_t *id;
                bool *flag;
        } fields[] = {
                { "invocation", .string = &reading->invocation },
                { "runtime", .string = &prepared->runtime },
                { "unit", .string = &prepared->unit_name },
                { "unit-group", .string = &prepared->unit_group },
                { "control-group", .string = &prepared->control_group },
                { "scope", .string = &prepared->scope },
                { "slice", .string = &prepared->slice },
                { "root-uid", .id = &prepared->root_uid },
                { "root-gid", .id = &prepared->root_gid },
                { "no-cgroup", .flag = &prepared->no_cgroup },
                { "oneshot", .flag = &prepared->oneshot },
                { "wakes", .flag = &prepared->wakes },
                { "notifies", .flag = &prepared->notifies },
                { "health-timer", .id = &prepared->health_timer_msec },
                { "log-identifier", .string = &prepared->log_identifier },
                { "log-namespace", .string = &prepared->log_namespace },
                { "log-fields", .string = &prepared->log_fields },
                { "log-priority", .id = &prepared->log_priority },
                { "log-level-prefix", .flag = &prepared->log_level_prefix },
                { "log-console-stdout", .flag = &prepared->log_console_stdout },
                { "log-console-stderr", .flag = &prepared->log_console_stderr },
                { "mounts", .flag = &reading->mounts },
        };

        for (size_t i = 0; words->count == 2 && i < ARRAY_SIZE(fields); i++) {
                if (!streq(words->items[0], fields[i].name))
                        continue;
                if (fields[i].flag)
                        *fields[i].flag = true;
                if (fields[i].id)
                        return read_id(words->items[1], fields[i].id);
                return fields[i].string ? read_string(words->items[1], fields[i].string) : 0;
        }
        return -EBADMSG;
}

int prepared_take(const char *instance, const PassedFds *passed, Prepared *ret) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        _cleanup_free_ char *invocation = NULL;
        Reading reading = { .prepared = &prepared };
        int fd = fd_store_find(passed, MOUNTS_FD), r;

        r = bundle_open(instance, &prepared.bundle);
        if (r < 0)
                return r;
        r = prepared.bundle.fd < 0 ? -ENOENT
                                   : record_read(prepared.bundle.fd, PREPARED_FILE, false, read_line, &reading);
        invocation = TAKE_PTR(reading.invocation);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        if (!invocation || !own_invocation() || !streq(invocation, own_invocation()) || !prepared.runtime ||
            !prepared.unit_name || !prepared.unit_group || !prepared.control_group)
                return 0;
        if (reading.mounts && fd < 0) {
                /* systemd may see that a command has ended before it sees what that has told it
                 * last, which is then on its way still. */
                (void) fd_store_remove(MOUNTS_FD);
                return 0;
        }
        if (reading.mounts) {
                r = networking_expect(&prepared.bundle);
                if (r >= 0)
                        r = user_root_join(fd);
                if (r >= 0)
                        r = mounts_enter_namespace(fd);
                /* The runtime makes copies of what is mounted: it is not needed in the store for
                 * longer. */
                if (r >= 0)
                        r = fd_store_remove(MOUNTS_FD);
                if (r < 0)
                        return r;
        }
        *ret = prepared;
        prepared = (Prepared) PREPARED_INIT;
        return 1;
}

void prepared_done(Prepared *prepared) {
        bundle_done(&prepared->bundle);
        prepared->runtime = x_free(prepared->runtime);
        prepared->unit_name = x_free(prepared->unit_name);
        prepared->unit_group = x_free(prepared->unit_group);
        prepared->control_group = x_free(prepared->control_group);
        prepared->scope = x_free(prepared->scope);
        prepared->slice = x_free(prepared->slice);
        prepared->log_identifier = x_free(prepared->log_identifier);
        prepared->log_namespace = x_free(prepared->log_namespace);
        prepared->log_fields = x_free(prepared->log_fields);
}
