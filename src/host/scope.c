/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/scope.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "host/cgroup.h"
#include "host/manager.h"

enum { PAUSE_USEC = 1000, ENTERING_USEC = 10 * 1000 * 1000, KILLING_USEC = 30 * 1000 * 1000 };

DYNAMIC_FUNCTION(sd_bus_call);
DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_error_free);
DYNAMIC_FUNCTION(sd_bus_error_has_name);
DYNAMIC_FUNCTION(sd_bus_get_property_trivial);
DYNAMIC_FUNCTION(sd_bus_message_append);
DYNAMIC_FUNCTION(sd_bus_message_close_container);
DYNAMIC_FUNCTION(sd_bus_message_new_method_call);
DYNAMIC_FUNCTION(sd_bus_message_open_container);
DYNAMIC_FUNCTION(sd_bus_message_unref);
DYNAMIC_FUNCTION(sd_bus_path_encode);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_call),
                DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_error_free),
                DYNAMIC_SYMBOL(sd_bus_error_has_name),
                DYNAMIC_SYMBOL(sd_bus_get_property_trivial),
                DYNAMIC_SYMBOL(sd_bus_message_append),
                DYNAMIC_SYMBOL(sd_bus_message_close_container),
                DYNAMIC_SYMBOL(sd_bus_message_new_method_call),
                DYNAMIC_SYMBOL(sd_bus_message_open_container),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
                DYNAMIC_SYMBOL(sd_bus_path_encode),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

static void message_unrefp(sd_bus_message **message) {
        if (*message)
                sym_sd_bus_message_unref(*message);
}

static void pause_shortly(void) {
        const struct timespec pause = { .tv_nsec = PAUSE_USEC * 1000L };

        (void) nanosleep(&pause, NULL);
}

/* What has been said of the service, by its file, a drop-in or systemctl set-property, is meant for
 * the container. */
static int append_limits(sd_bus *bus, const char *service_path, sd_bus_message *message) {
        static const char *const limits[] = {
                "CPUQuotaPerSecUSec", "CPUWeight", "IOWeight",      "MemoryHigh", "MemoryLow",
                "MemoryMax",          "MemoryMin", "MemorySwapMax", "TasksMax",
        };

        for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
                uint64_t value;
                int r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, service_path, SYSTEMD_SERVICE ".Service",
                                                        limits[i], NULL, 't', &value);

                if (r >= 0 && value != UINT64_MAX)
                        r = sym_sd_bus_message_append(message, "(sv)", limits[i], "t", value);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int append_properties(sd_bus *bus, const char *slice, const char *service, sd_bus_message *message) {
        _cleanup_free_ char *path = NULL, *description = text_format("Processes of %s", service);
        int r;

        if (!description)
                return -ENOMEM;
        r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", service, &path);
        if (r >= 0)
                r = sym_sd_bus_message_open_container(message, 'a', "(sv)");
        if (r >= 0)
                r = sym_sd_bus_message_append(message, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s", description,
                                              "Slice", "s", slice, "PIDs", "au", 1, (uint32_t) getpid(), "Delegate",
                                              "b", true, "CollectMode", "s", "inactive-or-failed", "Before", "as", 1,
                                              service);
        if (r >= 0)
                r = append_limits(bus, path, message);
        return r < 0 ? r : sym_sd_bus_message_close_container(message);
}

typedef struct Request {
        const char *scope, *slice, *service;
        bool tried;
} Request;

static int start(sd_bus *bus, void *userdata) {
        Request *request = userdata;
        _cleanup_(message_unrefp) sd_bus_message *message = NULL;
        bool again = request->tried;
        int r;

        r = load();
        if (r >= 0)
                r = sym_sd_bus_message_new_method_call(bus, &message, SYSTEMD_SERVICE, SYSTEMD_PATH,
                                                       SYSTEMD_SERVICE ".Manager", "StartTransientUnit");
        if (r >= 0)
                r = sym_sd_bus_message_append(message, "ss", request->scope, "fail");
        if (r >= 0)
                r = append_properties(bus, request->slice, request->service, message);
        if (r >= 0)
                r = sym_sd_bus_message_append(message, "a(sa(sv))", 0);
        if (r < 0)
                return r;
        request->tried = true;
        r = sym_sd_bus_call(bus, message, 0, NULL, NULL);
        /* The connection may have been lost after the manager had taken it in. */
        return r == -EEXIST && again ? 0 : r;
}

int scope_enter(const char *scope, const char *slice, const char *service) {
        Request request = { .scope = scope, .slice = slice, .service = service };
        int r;

        r = manager_ask(start, &request);
        /* The call has only made a job of it. */
        for (unsigned waited = 0; r >= 0; waited += PAUSE_USEC) {
                if (cgroup_is_named(scope))
                        return 0;
                if (waited >= ENTERING_USEC)
                        return -ETIMEDOUT;
                pause_shortly();
        }
        return r;
}

/* Returns 1, 0, or the error of the bus. */
static int is_there(sd_bus *bus, const char *unit) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", "GetUnit",
                                       &error, NULL, "s", unit);

        if (r < 0 && sym_sd_bus_error_has_name(&error, SYSTEMD_SERVICE ".NoSuchUnit"))
                r = 0;
        else if (r >= 0)
                r = 1;
        sym_sd_bus_error_free(&error);
        return r;
}

static int kill_scope(sd_bus *bus, void *userdata) {
        const char *scope = userdata;
        int r;

        r = load();
        if (r < 0)
                return r;
        (void) sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", "KillUnit", NULL,
                                      NULL, "ssi", scope, "all", SIGKILL);
        /* With its last process it ends by itself. But when we were killed just when systemd moved
         * us there, it never had one to miss; and the service, after which it would be stopped,
         * waits for us. */
        (void) sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", "StopUnit", NULL,
                                      NULL, "ss", scope, "ignore-dependencies");
        for (unsigned waited = 0; waited < KILLING_USEC; waited += PAUSE_USEC) {
                r = is_there(bus, scope);
                if (r <= 0)
                        return r;
                pause_shortly();
        }
        return -ETIMEDOUT;
}

int scope_kill(const char *scope) {
        return manager_ask(kill_scope, (char *) scope);
}
