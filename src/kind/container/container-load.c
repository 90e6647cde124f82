/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the text of a .container file to a Container. */
#include "kind/container/container-load.h"

#include "kind/container/container-id-maps.h"
#include "kind/container/container-mounts.h"

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

/* As with podman, a container that names no network is on the default one, or a user's has pasta;
 * one of a pod is on the pod's. */
static int add_default_network(Container *container, const SpecifierContext *context) {
        NetworkAttachmentList *networks = &container->networks;
        int r;

        if (networks->count > 0 || container->pod || section_is_given(&container->section, KEY_Container_Network))
                return 0;
        r = ARRAY_RESERVE(networks->items, networks->allocated, networks->count + 1);
        if (r >= 0)
                networks->items[networks->count++] = (NetworkAttachment) {
                        .kind = context->scope == SCOPE_USER ? NETWORK_PASTA : NETWORK_BRIDGE,
                };
        return r;
}

int container_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Container **ret) {
        void *container;
        int r = section_load(&container_section, unit, context, diagnostics, &container);

        if (r < 0)
                return r;
        ((Container *) container)->of_user = context->scope == SCOPE_USER;
        r = container_take_mounts(container);
        if (r >= 0)
                r = add_default_network(container, context);
        if (r < 0) {
                container_free(container);
                return r;
        }
        take_auto_update(container);
        container_drop_idle_idmaps(container, diagnostics);
        *ret = container;
        return 0;
}
