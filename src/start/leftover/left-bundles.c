/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bundles of containers that have ended without a cleanup. */
#include "start/leftover/left-bundles.h"

#include <errno.h>

#include "basic/directory.h"
#include "host/bundle.h"
#include "host/unit/unit-list.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/undo.h"

/* Whether a unit has ended for good: not when it is between two starts. */
static int has_ended(const UnitStates *states, const char *stem) {
        _cleanup_free_ char *name = NULL;
        const UnitState *state;
        int r;

        r = unit_name_for(FILE_CONTAINER, stem, &name);
        if (r < 0)
                return r;
        state = unit_states_find(states, name);
        return !state || streq(state->active, "inactive") || streq(state->active, "failed");
}

static int add_if_left(const UnitStates *states, const char *id, StringList *stems) {
        _cleanup_free_ char *stem = container_stem_for(id), *same = stem ? container_id_for(stem) : NULL;
        int r;

        if (!same)
                return -ENOMEM;
        /* A pod's, which has no container, is its unit's. */
        r = streq(same, id) ? has_ended(states, stem) : -EINVAL;
        if (r == -EINVAL)
                return 0;
        return r > 0 ? string_list_add(stems, stem) : r;
}

int left_bundles_find(StringList *ret_stems) {
        _cleanup_unit_states_ UnitStates states = {};
        _cleanup_string_list_ StringList ids = {};
        int r;

        r = directory_list(place_path(PLACE_BUNDLES), &ids);
        if (r >= 0 && ids.count > 0)
                r = unit_states_get("container@*.service", 0, &states);
        for (size_t i = 0; i < ids.count && r >= 0; i++)
                r = add_if_left(&states, ids.items[i], ret_stems);
        return r;
}

int left_bundle_undo(const char *stem) {
        _cleanup_unit_states_ UnitStates states = {};
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *name = NULL, *instance = stem_escape(stem);
        int r;

        if (!instance)
                return -ENOMEM;
        r = unit_name_for(FILE_CONTAINER, stem, &name);
        if (r >= 0)
                r = bundle_open(instance, &bundle);
        /* A start that begins now waits for this. */
        if (r >= 0)
                r = bundle.fd >= 0 ? bundle_lock(&bundle) : -ENOENT;
        if (r >= 0)
                r = unit_states_get(name, 0, &states);
        if (r >= 0)
                r = has_ended(&states, stem);
        if (r <= 0)
                return r == -ENOENT ? 0 : r;
        r = effects_undo(&bundle);
        return r < 0 ? r : 1;
}
