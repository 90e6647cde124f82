/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files systemd has read for a unit besides its own. */
#include "basic/path.h"
#include "host/bus/unit-bus.h"
#include "host/unit/unit.h"

int unit_has_drop_in(const char *unit_name, const char *name) {
        _cleanup_string_list_ StringList paths = {};
        const UnitProperty files = { "Unit", "DropInPaths", "as", &paths };
        int r = unit_bus_get(unit_name, &files, 1);

        for (size_t i = 0; r >= 0 && i < paths.count; i++)
                if (streq(path_basename(paths.items[i]), name))
                        return 1;
        return r < 0 ? r : 0;
}
