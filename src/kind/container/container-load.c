/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the text of a .container file to a Container. */
#include "kind/container/container-load.h"

#include "kind/container/container-id-maps.h"
#include "kind/container/container-mounts.h"
#include "kind/default-network.h"

/* Podman itself keeps AutoUpdate= as a label. */
static void take_auto_update(Container *container) {
        const char *value = string_list_value(&container->labels, "io.containers.autoupdate");

        if (!value || container->set.entry[KEY_Container_AutoUpdate])
                return;
        container->set.entry[KEY_Container_AutoUpdate] = container->set.entry[KEY_Container_Label];
        if (streq(value, "registry") || streq(value, "image"))
                container->auto_update = AUTO_UPDATE_REGISTRY;
        else if (streq(value, "local"))
                container->auto_update = AUTO_UPDATE_LOCAL;
}

/* One of a pod is on the pod's. */
static int add_default_network(Container *container, Scope scope) {
        if (container->pod)
                return 0;
        return default_network_add(&container->section, KEY_Container_Network, scope, &container->networks);
}

int container_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Container **ret) {
        void *container;
        int r = section_load(&container_section, unit, context, diagnostics, &container);

        if (r < 0)
                return r;
        ((Container *) container)->of_user = context->scope == SCOPE_USER;
        r = container_take_mounts(container);
        if (r >= 0)
                r = add_default_network(container, context->scope);
        if (r < 0) {
                container_free(container);
                return r;
        }
        take_auto_update(container);
        container_drop_idle_idmaps(container, diagnostics);
        *ret = container;
        return 0;
}
