/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the units of a pod and of its containers hang together. */
#include "unit/pod-units.h"

#include <errno.h>

#include "basic/text.h"

/* "-.slice", which is the root of them all, has no name to put before another. */
char *unit_pod_slice(const Pod *pod) {
        _cleanup_free_ char *name = unit_name_escape(pod->stem);
        const char *parent = NULL, *end;

        if (!name)
                return NULL;
        for (size_t i = 0; i < pod->unit.count; i++) {
                const Entry *entry = &pod->unit.entries[i];

                if (streq(entry->section, "Service") && streq(entry->key, "Slice"))
                        parent = *entry->value && !streq(entry->value, "-.slice") ? entry->value : NULL;
        }
        end = parent ? endswith(parent, ".slice") : NULL;
        if (!parent)
                return text_format("berth-%s.slice", name);
        return text_format("%.*s-berth-%s.slice", (int) (end ? (size_t) (end - parent) : strlen(parent)), parent, name);
}

char *unit_pod_instance(const Pod *pod) {
        const char *at = strchr(pod->unit_name, '@') + 1;

        return strndup(at, strlen(at) - strlen(".service"));
}

int unit_pod_add_member(const Container *container, UnitDropIn *drop_in) {
        const Pod *pod = container->joined_pod;
        _cleanup_free_ char *instance = pod ? unit_pod_instance(pod) : NULL, *slice = pod ? unit_pod_slice(pod) : NULL;
        int r;

        /* Without the pod's file the helper says in which line it is asked for. */
        if (!pod)
                return 0;
        if (!instance || !slice)
                return -ENOMEM;
        r = unit_drop_in_add_file(drop_in, &drop_in->bound, container->pod);
        if (r < 0)
                return r;
        if (pod->exit_policy == EXIT_POLICY_STOP)
                text_appendf(&drop_in->unit, "Wants=container-pod-members@%s.target\n", instance);
        text_appendf(&drop_in->service, "Slice=%s\n", slice);
        if (container->start_with_pod == NO)
                return 0;
        return unit_outputs_add_link(drop_in->outputs, drop_in->context->path,
                                     text_format("container-pod-start@%s.target.wants/%s", instance,
                                                 container->unit_name),
                                     strdup("../container@.service"));
}
