/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The environment that a unit's processes would have, as far as systemd itself knows it: the
 * manager's, and what the unit adds. */
#include "basic/dynamic.h"
#include "host/manager.h"
#include "host/unit/unit.h"

DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_get_property_strv);

static int load_bus(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_path_encode),
                DYNAMIC_SYMBOL(sd_bus_get_property_strv),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Question {
        const char *unit_name;
        StringList *environment;
} Question;

static int add(sd_bus *bus, const char *path, const char *interface, StringList *list) {
        char **assignments = NULL;
        int r;

        r = sym_sd_bus_get_property_strv(bus, SYSTEMD_SERVICE, path, interface, "Environment", NULL, &assignments);
        for (size_t i = 0; assignments && assignments[i]; i++) {
                if (r >= 0)
                        r = string_list_assign(list, assignments[i]);
                free(assignments[i]);
        }
        free(assignments);
        return r;
}

static int ask(sd_bus *bus, void *userdata) {
        const Question *question = userdata;
        _cleanup_free_ char *path = NULL;
        int r;

        string_list_done(question->environment);
        r = load_bus();
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", question->unit_name, &path);
        if (r >= 0)
                r = add(bus, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", question->environment);
        return r < 0 ? r : add(bus, path, SYSTEMD_SERVICE ".Service", question->environment);
}

int unit_get_environment(const char *unit_name, StringList *ret) {
        Question question = { .unit_name = unit_name, .environment = ret };

        return manager_ask(ask, &question);
}
