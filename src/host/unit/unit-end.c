/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the end of services. */
#include "host/unit/unit-end.h"

#include <errno.h>
#include <signal.h>

#include "basic/dynamic.h"
#include "host/manager.h"

#define UNIT_INTERFACE SYSTEMD_SERVICE ".Unit"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_get_property);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_get_property_trivial);
DYNAMIC_FUNCTION(sd_bus_match_signal);
DYNAMIC_FUNCTION(sd_bus_message_enter_container);
DYNAMIC_FUNCTION(sd_bus_message_exit_container);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_skip);
DYNAMIC_FUNCTION(sd_bus_message_unref);
DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_process);
DYNAMIC_FUNCTION(sd_bus_wait);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_get_property),
                DYNAMIC_SYMBOL(sd_bus_get_property_string),
                DYNAMIC_SYMBOL(sd_bus_get_property_trivial),
                DYNAMIC_SYMBOL(sd_bus_match_signal),
                DYNAMIC_SYMBOL(sd_bus_message_enter_container),
                DYNAMIC_SYMBOL(sd_bus_message_exit_container),
                DYNAMIC_SYMBOL(sd_bus_message_read),
                DYNAMIC_SYMBOL(sd_bus_message_skip),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
                DYNAMIC_SYMBOL(sd_bus_path_encode),
                DYNAMIC_SYMBOL(sd_bus_process),
                DYNAMIC_SYMBOL(sd_bus_wait),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Waiting {
        UnitEnd *ends;
        size_t count;
        bool start; /* the only one of them, when it is watched */
} Waiting;

static void take_state(UnitEnd *end, const char *state) {
        end->failed = streq(state, "failed");
        end->down = end->failed || streq(state, "inactive");
}

/* The value of one changed property. Returns what sd-bus does. */
static int take_change(UnitEnd *end, const char *name, sd_bus_message *message) {
        int32_t *number = streq(name, "ExecMainCode")     ? &end->code
                          : streq(name, "ExecMainStatus") ? &end->status
                                                          : NULL;
        const char *state, *job_path;
        int r;

        if (streq(name, "Job"))
                return sym_sd_bus_message_read(message, "v", "(uo)", &end->job, &job_path);
        if (number)
                return sym_sd_bus_message_read(message, "v", "i", number);
        if (!streq(name, "ActiveState"))
                return sym_sd_bus_message_skip(message, "v");
        r = sym_sd_bus_message_read(message, "v", "s", &state);
        if (r >= 0)
                take_state(end, state);
        return r;
}

/* A message that is not as it should be is passed over: the state is asked for as well. */
static int on_change(sd_bus_message *message, void *userdata, _unused_ sd_bus_error *error) {
        UnitEnd *end = userdata;
        const char *interface, *name;
        int r;

        r = sym_sd_bus_message_read(message, "s", &interface);
        if (r >= 0)
                r = sym_sd_bus_message_enter_container(message, 'a', "{sv}");
        while (r >= 0 && sym_sd_bus_message_enter_container(message, 'e', "sv") > 0) {
                r = sym_sd_bus_message_read(message, "s", &name);
                if (r >= 0)
                        r = take_change(end, name, message);
                if (r >= 0)
                        r = sym_sd_bus_message_exit_container(message);
        }
        return 0;
}

static int look_for_job(sd_bus *bus, UnitEnd *end, const char *path) {
        sd_bus_message *reply = NULL;
        const char *job_path;
        int r;

        r = sym_sd_bus_get_property(bus, SYSTEMD_SERVICE, path, UNIT_INTERFACE, "Job", NULL, &reply, "(uo)");
        if (r < 0)
                return r;
        r = sym_sd_bus_message_read(reply, "(uo)", &end->job, &job_path);
        sym_sd_bus_message_unref(reply);
        return r;
}

/* Just before it is to be started anew a unit is said to have failed, without a job: that counts
 * only if it is so when systemd answers the next question, too. */
static int settle(sd_bus *bus, UnitEnd *end) {
        _cleanup_free_ char *path = NULL, *state = NULL;
        int r;

        r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", end->unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, path, UNIT_INTERFACE, "ActiveState", NULL,
                                                   &state);
        if (r >= 0)
                r = look_for_job(bus, end, path);
        if (r < 0)
                return r;
        /* One that has failed and that nothing keeps loaded is forgotten, and then no more than
         * inactive (CollectMode=). */
        if (!end->failed || !streq(state, "inactive"))
                take_state(end, state);
        end->over = end->down && end->job == 0;
        return 0;
}

static int look_for_status(sd_bus *bus, UnitEnd *end, const char *path) {
        int r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", "ExecMainCode",
                                                NULL, 'i', &end->code);

        return r < 0 ? r
                     : sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service",
                                                       "ExecMainStatus", NULL, 'i', &end->status);
}

static int watch(sd_bus *bus, UnitEnd *end) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", end->unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_match_signal(bus, NULL, NULL, path, PROPERTIES_INTERFACE, "PropertiesChanged", on_change,
                                            end);
        if (r >= 0)
                r = look_for_status(bus, end, path);
        return r < 0 ? r : settle(bus, end);
}

/* Takes in the messages that have come. */
static int take_messages(sd_bus *bus) {
        int r;

        do
                r = sym_sd_bus_process(bus, NULL);
        while (r > 0);
        return r;
}

/* Returns 1 when all are over. */
static int settle_all(sd_bus *bus, const Waiting *waiting) {
        bool over = true;

        for (size_t i = 0; i < waiting->count; i++) {
                UnitEnd *end = &waiting->ends[i];
                int r = end->down && !end->over ? settle(bus, end) : 0;

                if (r < 0)
                        return r;
                over = over && end->over;
        }
        return over;
}

/* What it was before is over; what comes of the start is told from now on. */
static int start(sd_bus *bus, UnitEnd *end) {
        int r;

        *end = (UnitEnd) { .unit_name = end->unit_name };
        r = sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", "StartUnit", NULL,
                                   NULL, "ss", end->unit_name, "replace");
        return r < 0 ? r : settle(bus, end);
}

static int wait_on(sd_bus *bus, void *userdata) {
        Waiting *waiting = userdata;
        int r;

        r = load();
        /* A private connection is told everything as it is, and may not be able to subscribe. */
        if (r >= 0)
                (void) sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager",
                                              "Subscribe", NULL, NULL, "");
        for (size_t i = 0; i < waiting->count && r >= 0; i++)
                if (!waiting->ends[i].over)
                        r = watch(bus, &waiting->ends[i]);
        if (r >= 0 && waiting->start)
                r = start(bus, &waiting->ends[0]);
        /* After the loss of a connection it is started already. */
        waiting->start &= r < 0;
        while (r >= 0) {
                r = take_messages(bus);
                if (r >= 0)
                        r = settle_all(bus, waiting);
                if (r > 0)
                        return take_messages(bus); /* those before the last answer may have the status */
                if (r == 0)
                        r = sym_sd_bus_wait(bus, UINT64_MAX);
                if (r == -EINTR)
                        r = 0;
        }
        return r;
}

int unit_ends_wait(UnitEnd *ends, size_t count) {
        int r = manager_ask(wait_on, &(Waiting) { ends, count, false });

        return r < 0 ? r : 0;
}

int unit_start_and_wait(UnitEnd *end) {
        int r = manager_ask(wait_on, &(Waiting) { end, 1, true });

        return r < 0 ? r : 0;
}

int unit_end_status(const UnitEnd *end, int otherwise) {
        switch (end->code) {
        case CLD_EXITED:
                return end->status;
        case CLD_KILLED:
        case CLD_DUMPED:
                return 128 + end->status;
        default:
                return end->failed ? otherwise : 0;
        }
}
