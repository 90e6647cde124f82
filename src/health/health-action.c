/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "health/health-action.h"

#include <signal.h>

#include "basic/dynamic.h"
#include "host/manager.h"
#include "host/unit/unit.h"

DYNAMIC_FUNCTION(sd_bus_call_method);

static int load(void) {
        static const DynamicSymbol symbols[] = { DYNAMIC_SYMBOL(sd_bus_call_method) };

        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Request {
        const char *unit_name;
        HealthAction action;
} Request;

static int request(sd_bus *bus, void *userdata) {
        const Request *wanted = userdata;
        int r = load();

        if (r < 0)
                return r;
        if (wanted->action == HEALTH_ACTION_KILL)
                return sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager",
                                              "KillUnit", NULL, NULL, "ssi", wanted->unit_name, "main", SIGKILL);
        /* Mode "fail" would be refused in any case: the job that runs this process is in the way
         * of a stop of all. */
        return sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager",
                                      wanted->action == HEALTH_ACTION_STOP ? "StopUnit" : "RestartUnit", NULL, NULL,
                                      "ss", wanted->unit_name, "replace");
}

int health_action_request(const char *unit_name, HealthAction action) {
        Request wanted = { .unit_name = unit_name, .action = action };
        _cleanup_free_ char *job = NULL;
        int r;

        if (action == HEALTH_ACTION_NONE)
                return 0;
        /* A stop that somebody has asked for must not become a restart. */
        r = unit_get_job(unit_name, &job, NULL);
        if (r != 0)
                return r < 0 ? r : 0;
        r = manager_ask(request, &wanted);
        return r < 0 ? r : 1;
}
