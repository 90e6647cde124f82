/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files systemd has read for a unit besides its own. */
#include "basic/dynamic.h"
#include "basic/path.h"
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
        const char *unit_name, *name;
} Question;

static int ask(sd_bus *bus, void *userdata) {
        const Question *question = userdata;
        _cleanup_free_ char *path = NULL;
        char **files = NULL;
        int found = 0, r;

        r = load_bus();
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", question->unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property_strv(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Unit", "DropInPaths",
                                                 NULL, &files);
        for (size_t i = 0; files && files[i]; i++) {
                found |= streq(path_basename(files[i]), question->name);
                free(files[i]);
        }
        free(files);
        return r < 0 ? r : found;
}

int unit_has_drop_in(const char *unit_name, const char *name) {
        Question question = { .unit_name = unit_name, .name = name };

        return manager_ask(ask, &question);
}
