/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "health/health-timer.h"

#include <errno.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "host/manager.h"

DYNAMIC_FUNCTION(sd_bus_call);
DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_message_append);
DYNAMIC_FUNCTION(sd_bus_message_new_method_call);
DYNAMIC_FUNCTION(sd_bus_message_unref);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_call),
                DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_message_append),
                DYNAMIC_SYMBOL(sd_bus_message_new_method_call),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Request {
        const char *timer, *container, *description;
        uint64_t interval_usec;
} Request;

static void message_unrefp(sd_bus_message **message) {
        if (*message)
                sym_sd_bus_message_unref(*message);
}

/* The same as container-health@.timer. A transient timer cannot name what it starts: that is the
 * service of its own name, container-health-image@, which is another name of container-health@. No
 * timer may be installed by that name, for then it would not be for us to make. */
static int make(sd_bus *bus, const Request *request) {
        _cleanup_(message_unrefp) sd_bus_message *message = NULL;
        int r;

        r = sym_sd_bus_message_new_method_call(bus, &message, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager",
                                               "StartTransientUnit");
        if (r >= 0)
                r = sym_sd_bus_message_append(message, "ssa(sv)a(sa(sv))", request->timer, "fail", 9, "Description",
                                              "s", request->description, "BindsTo", "as", 1, request->container,
                                              "After", "as", 1, request->container, "DefaultDependencies",
                                              "b", false, "Conflicts", "as", 1, "shutdown.target", "Before", "as", 1,
                                              "shutdown.target", "CollectMode", "s", "inactive-or-failed",
                                              "AccuracyUSec", "t", UINT64_C(250) * 1000,
                                              "TimersMonotonic", "a(st)", 2, "OnActiveSec",
                                              UINT64_C(1000), "OnUnitInactiveSec", request->interval_usec, 0);
        return r < 0 ? r : sym_sd_bus_call(bus, message, 0, NULL, NULL);
}

/* That of an earlier start may be there still. It is just about to go, or to be restarted with the
 * container, and by one of the two ways it is there in the end. */
static int request(sd_bus *bus, void *userdata) {
        enum { TRIES = 10 };
        const Request *wanted = userdata;
        int r = load();

        for (unsigned i = 0; i < TRIES && r >= 0; i++) {
                r = make(bus, wanted);
                if (r != -EEXIST)
                        return r;
                r = sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", "StartUnit",
                                           NULL, NULL, "ss", wanted->timer, "replace");
                if (r != -ENOENT)
                        return r;
                r = 0;
        }
        return r < 0 ? r : -EEXIST;
}

int health_timer_start(const char *stem, uint64_t interval_usec) {
        _cleanup_free_ char *timer = text_format("container-health-image@%s.timer", stem),
                            *container = text_format("container@%s.service", stem),
                            *description = text_format("Health checks of container %s, as its image has them", stem);
        Request wanted = {
                .timer = timer,
                .container = container,
                .description = description,
                .interval_usec = interval_usec,
        };
        int r;

        if (!timer || !container || !description)
                return -ENOMEM;
        r = manager_ask(request, &wanted);
        return r < 0 ? r : 0;
}
