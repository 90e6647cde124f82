/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file may say and this version cannot do yet. A value that says what is done
 * anyway is not refused: a file need not be edited for it. */
#include "kind/container/container.h"

#include <errno.h>

#include "basic/text.h"
#include "kind/container/container-mounts.h"
#include "kind/container/container-of-user.h"

static void refuse(const char *what, const Location *where, Diagnostics *diagnostics) {
        diagnose_error(diagnostics, where, "%s is not supported yet", what);
}

/* Those that container_take_mounts() has left. */
static void check_mount(const Mount *mount, Diagnostics *diagnostics) {
        if (mount_is(mount, "artifact"))
                refuse("a mount of an artifact, which berth cannot pull,", &mount->where, diagnostics);
        else if (string_list_contains(&mount->options, "no-dereference"))
                refuse("mount option \"no-dereference\"", &mount->where, diagnostics);
        else if (string_list_value(&mount->options, "volume-opt"))
                refuse("mount option \"volume-opt\", for which a .volume file has Options=,", &mount->where,
                       diagnostics);
}

static void check_mounts(const Container *container, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->mounts.count; i++)
                check_mount(&container->mounts.items[i], diagnostics);
}

/* Podman has both for its users' containers alone. */
static void check_user_namespace(const UserNamespace *ns, Diagnostics *diagnostics) {
        if (ns->kind == USERNS_NOMAP)
                diagnose_error(diagnostics, &ns->where, "\"nomap\" is for containers of a user other than root");
        if (ns->kind == USERNS_KEEP_ID && string_list_value(&ns->options, "size"))
                diagnose_error(diagnostics, &ns->where,
                               "\"size\" of \"keep-id\" is for containers of a user other than root");
}

/* Podman hands what it does not know on to netavark, which passes over it. */
static void check_network(const NetworkAttachment *network, Diagnostics *diagnostics) {
        static const char *const supported[] = { "ip=", "ip6=", "mac=", "alias=", "interface_name=" };

        for (size_t i = 0; network_is_ours(network) && i < network->options.count; i++) {
                bool known = false;

                for (size_t j = 0; j < ARRAY_SIZE(supported); j++)
                        known |= startswith(network->options.items[i], supported[j]) != NULL;
                if (!known)
                        diagnose_warning(diagnostics, &network->where,
                                         "network option \"%s\" has no effect; a container has ip=, ip6=, mac=, alias= "
                                         "and interface_name=, and a .network file Options=",
                                         network->options.items[i]);
        }
}

void container_check_supported_namespaces(const Container *container, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->networks.count; i++)
                check_network(&container->networks.items[i], diagnostics);
        if (!container->of_user)
                check_user_namespace(&container->user_ns, diagnostics);
}

void container_check_supported(const Container *container, Diagnostics *diagnostics) {
        check_mounts(container, diagnostics);
        container_check_supported_namespaces(container, diagnostics);
        if (container->of_user)
                container_check_of_user(container, diagnostics);
}
