/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container of a user's service manager cannot have. */
#include "kind/container/container-of-user.h"

#include "basic/text.h"

/* Ports of a user's containers on bridges are pasta's, too. */
static void check_ports(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_PublishPort);

        if (container->networks.count == 0 || !network_is_ours(&container->networks.items[0]))
                return;
        for (size_t i = 0; i < container->publish_ports.count; i++)
                if (strstr(container->publish_ports.items[i], "sctp"))
                        diagnose_error(diagnostics, &where, "pasta, by which the ports of users' containers are "
                                       "published, passes on tcp and udp, not sctp");
}

/* Each container has a user namespace of its own around all of its namespaces, and those of a pod
 * are in the pod's. One that joins another's goes into that one's, and cannot be in two. */
typedef struct Joined {
        const char *name; /* borrowed; NULL: none yet */
        Diagnostics *diagnostics;
} Joined;

static void check_joined_one(Joined *joined, bool by_path, const char *name, const char *instead,
                             const Location *where) {
        if (by_path)
                diagnose_error(joined->diagnostics, where,
                               "a user's container cannot join a namespace by its path, which is in no user namespace "
                               "of its own; use NAME.container, %s",
                               instead);
        else if (joined->name && !streq(joined->name, name))
                diagnose_error(joined->diagnostics, where,
                               "a user's container is in one user namespace with what it joins, and cannot join "
                               "\"%s\" and \"%s\"",
                               joined->name, name);
        else
                joined->name = name;
}

static void check_joined(const Container *container, Diagnostics *diagnostics) {
        const Namespace *const namespaces[] = { &container->pid_ns, &container->ipc_ns, &container->uts_ns,
                                                &container->cgroup_ns };
        const UserNamespace *user_ns = &container->user_ns;
        Joined joined = { .diagnostics = diagnostics };

        for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
                if (namespaces[i]->kind == NAMESPACE_PATH || namespaces[i]->kind == NAMESPACE_CONTAINER)
                        check_joined_one(&joined, namespaces[i]->kind == NAMESPACE_PATH, namespaces[i]->value,
                                         "private or host", &namespaces[i]->where);
        for (size_t i = 0; i < container->networks.count; i++) {
                const NetworkAttachment *network = &container->networks.items[i];

                if (network->kind == NETWORK_PATH || network->kind == NETWORK_CONTAINER)
                        check_joined_one(&joined, network->kind == NETWORK_PATH, network->value, "pasta, host or none",
                                         &network->where);
        }
        if (user_ns->kind == USERNS_PATH || user_ns->kind == USERNS_CONTAINER)
                check_joined_one(&joined, user_ns->kind == USERNS_PATH, user_ns->value, "keep-id or host",
                                 &user_ns->where);
        for (size_t i = 0; joined.name && i < container->networks.count; i++)
                if (network_is_ours(&container->networks.items[i]))
                        diagnose_error(diagnostics, &container->networks.items[i].where,
                                       "a user's container that joins a namespace of \"%s\" cannot be on a bridge of "
                                       "its own; use Network=%s.container, pasta, host or none",
                                       joined.name, joined.name);
}

/* The kernel lets who is root where the file system was mounted, and so no user. */
static void check_idmap(bool idmap, const Location *where, Diagnostics *diagnostics) {
        if (idmap)
                diagnose_error(diagnostics, where,
                               "\"idmap\" takes root; leave it out: a user's container shows files with the owners "
                               "that they have on disk");
}

static void check_idmaps(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Rootfs);

        check_idmap(container->rootfs.idmap, &where, diagnostics);
        for (size_t i = 0; i < container->volumes.count; i++)
                check_idmap(container->volumes.items[i].idmap, &container->volumes.items[i].where, diagnostics);
}

void container_check_of_user(const Container *container, Diagnostics *diagnostics) {
        check_ports(container, diagnostics);
        check_joined(container, diagnostics);
        check_idmaps(container, diagnostics);
}
