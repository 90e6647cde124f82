/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only asked for when a start has failed, and so it costs the others nothing. */
#include "helper/refusal.h"

#include "basic/log.h"
#include "basic/text.h"
#include "host/unit/unit.h"
#include "source/unit-name.h"

void log_hindrances(const char *instance) {
        _cleanup_string_list_ StringList names = {};
        _cleanup_free_ char *unit = NULL;
        _cleanup_text_ Text text = {};

        if (unit_name_for(FILE_CONTAINER, instance, &unit) < 0 || unit_get_sandboxing(unit, &names) < 0 ||
            names.count == 0)
                return;
        for (size_t i = 0; i < names.count; i++)
                text_appendf(&text, "%s%s=", i > 0 ? ", " : "", names.items[i]);
        if (!text.failed)
                log_error("%s has %s from a drop-in of systemd's, which confines berth and the runtime; in [Service] "
                          "of the container's file they are about the container",
                          unit, text.data);
}
