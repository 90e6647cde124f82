/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is not done, and why: only asked about when a start has failed, or by hand, and so it costs
 * the others nothing. */
#include "helper/refusal.h"

#include <errno.h>

#include "basic/log.h"
#include "basic/text.h"
#include "host/cgroup.h"
#include "host/unit/unit-list.h"
#include "host/unit/unit.h"
#include "source/places.h"

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

int refuse_by_hand(FileType type, const char *instance) {
        _cleanup_unit_states_ UnitStates states = {};
        _cleanup_free_ char *stem = NULL, *name = NULL;
        const UnitState *state;
        int r;

        r = stem_from_instance(instance, &stem);
        if (r >= 0)
                r = unit_name_for(type, stem, &name);
        if (r < 0)
                return log_error_errno(r, "Failed to understand the name \"%s\": %m", instance);
        if (cgroup_is_of_unit(name))
                return 0;
        r = unit_states_get(name, 0, &states);
        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", name);
        state = unit_states_find(&states, name);
        if (!state || streq(state->active, "inactive") || streq(state->active, "failed"))
                return 0;
        log_error("This is a part of the end of %s, which is %s, and for systemd to run; use: systemctl %sstop %s",
                  name, state->active, places_manager_option(), name);
        return -EPERM;
}
