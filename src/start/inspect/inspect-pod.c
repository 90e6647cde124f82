/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that is known of a pod: its files, its unit, its network, and who is in. */
#include <errno.h>

#include "basic/text.h"
#include "host/bundle.h"
#include "kind/load.h"
#include "source/sources.h"
#include "source/unit-name.h"
#include "start/container-list.h"
#include "start/inspect/inspect-parts.h"
#include "start/inspect/inspect.h"
#include "unit/pod-units.h"

typedef struct Found {
        const char *stem;
        char *unit_name;
        Source source;
        Pod *pod; /* NULL: its files are masked, not to be understood, or gone */
        bool faulty;
        UnitStates states;
        const UnitState *state; /* borrowed from there; NULL: not loaded */
        ContainerEntries containers;
        bool known; /* the manager could be asked */
} Found;

static void found_done(Found *found) {
        free(found->unit_name);
        source_done(&found->source);
        pod_free(found->pod);
        unit_states_done(&found->states);
        container_entries_done(&found->containers);
}

/* What is wrong with the files is for check to say. */
static int read_file(Found *found, Scope scope) {
        const SpecifierContext context = { .scope = scope };
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        int r = source_find_scope(scope, FILE_POD, found->stem, &found->source);

        if (r < 0 || found->source.masked)
                return r;
        r = pod_read(&found->source, &context, &elsewhere, &found->pod);
        found->faulty = r == -EREPORTED;
        return found->faulty ? 0 : r;
}

static int find(Found *found, Scope scope) {
        int error = 0, r;

        r = unit_name_for(FILE_POD, found->stem, &found->unit_name);
        if (r < 0)
                return r == -EINVAL ? -ENOENT : r;
        r = container_entries_get(scope, false, &found->containers, &error);
        if (r < 0)
                return r;
        found->known = error >= 0;
        /* That it could not be asked has been found out. */
        (void) unit_states_get(found->unit_name, UNIT_NUMBERS, &found->states);
        found->state = unit_states_find(&found->states, found->unit_name);
        r = read_file(found, scope);
        return r == -ENOENT && found->state ? 0 : r;
}

static int add_containers(Json *json, const Found *found) {
        _cleanup_free_ char *file = text_format("%s.pod", found->stem);

        if (!file)
                return -ENOMEM;
        json_open_array(json, "containers");
        for (size_t i = 0; i < found->containers.count; i++) {
                const ContainerEntry *entry = &found->containers.items[i];

                if (!streq_null(entry->pod, file))
                        continue;
                json_open_object(json, NULL);
                json_add_string(json, "name", entry->stem);
                inspect_add_text(json, "unit", entry->unit_name);
                inspect_add_text(json, "state", entry->state     ? entry->state->active
                                                : found->known ? "inactive"
                                                               : NULL);
                inspect_add_text(json, "subState", entry->state ? entry->state->sub : NULL);
                inspect_add_text(json, "image", entry->image);
                json_close(json);
        }
        json_close(json);
        return 0;
}

static int add_life(Json *json, const Found *found) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *instance = stem_escape(found->stem);
        int r = instance ? bundle_open_pod(instance, &bundle) : -ENOMEM;

        if (r < 0 && r != -EACCES)
                return r;
        inspect_add_text(json, "id", bundle.id);
        inspect_add_text(json, "bundle", bundle.fd >= 0 ? bundle.path : NULL);
        return bundle.id ? inspect_add_networks(json, bundle.id) : 0;
}

static int collect(const Found *found, json_object **ret) {
        _cleanup_free_ char *slice = found->pod ? unit_pod_slice(found->pod) : NULL;
        _cleanup_json_ Json json = {};
        int r;

        if (found->pod && !slice)
                return -ENOMEM;
        json_open_object(&json, NULL);
        json_add_string(&json, "kind", "pod");
        json_add_string(&json, "name", found->stem);
        inspect_add_text(&json, "file", found->source.path);
        json_add_strings(&json, "dropIns", &found->source.drop_ins);
        json_add_bool(&json, "masked", found->source.masked);
        json_add_bool(&json, "faulty", found->faulty);
        inspect_add_text(&json, "podName", found->pod ? pod_name(found->pod) : NULL);
        json_open_object(&json, "unit");
        json_add_string(&json, "name", found->unit_name);
        inspect_add_state(&json, found->state, found->known);
        json_close(&json);
        inspect_add_text(&json, "slice", slice);
        r = add_life(&json, found);
        if (r >= 0)
                r = add_containers(&json, found);
        json_close(&json);
        return r < 0 ? r : json_take(&json, ret);
}

int inspect_pod(const char *stem, Scope scope, json_object **ret) {
        _cleanup_(found_done) Found found = { .stem = stem };
        int r = find(&found, scope);

        return r < 0 ? r : collect(&found, ret);
}
