/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which namespaces the container has of its own, and which it joins. */
#include "oci/oci-namespaces.h"

#include "kind/container/container-id-maps.h"

static Namespace network_namespace(const Container *container) {
        const NetworkAttachment *network = container->networks.count > 0 ? &container->networks.items[0] : NULL;

        if (!network)
                return (Namespace) { .kind = NAMESPACE_PRIVATE };
        switch (network->kind) {
        case NETWORK_HOST:
                return (Namespace) { .kind = NAMESPACE_HOST };
        case NETWORK_PATH:
                return (Namespace) { .kind = NAMESPACE_PATH, .value = network->value, .where = network->where };
        case NETWORK_CONTAINER:
                return (Namespace) { .kind = NAMESPACE_CONTAINER, .value = network->value, .where = network->where };
        case NETWORK_POD:
                return (Namespace) { .kind = NAMESPACE_POD, .value = network->value, .where = network->where };
        default:
                return (Namespace) { .kind = NAMESPACE_PRIVATE };
        }
}

static Namespace user_namespace(const Container *container) {
        const UserNamespace *ns = &container->user_ns;

        if (container_has_user_namespace(container))
                return (Namespace) { .kind = NAMESPACE_PRIVATE };
        switch (ns->kind) {
        case USERNS_PATH:
                return (Namespace) { .kind = NAMESPACE_PATH, .value = ns->value, .where = ns->where };
        case USERNS_CONTAINER:
                return (Namespace) { .kind = NAMESPACE_CONTAINER, .value = ns->value, .where = ns->where };
        case USERNS_POD:
                return (Namespace) { .kind = NAMESPACE_POD, .value = ns->value, .where = ns->where };
        default:
                return (Namespace) { .kind = NAMESPACE_HOST };
        }
}

static Namespace cgroup_namespace(const Container *container, const Facts *facts) {
        bool given = container->set.entry[KEY_Container_CgroupNS];

        return facts->cgroup_unified || given ? container->cgroup_ns : (Namespace) { .kind = NAMESPACE_HOST };
}

Namespace get_namespace(const Container *container, const Facts *facts, OciNamespace namespace) {
        switch (namespace) {
        case OCI_NAMESPACE_PID:
                return container->pid_ns;
        case OCI_NAMESPACE_NETWORK:
                return network_namespace(container);
        case OCI_NAMESPACE_IPC:
                return container->ipc_ns;
        case OCI_NAMESPACE_UTS:
                return container->uts_ns;
        case OCI_NAMESPACE_MOUNT:
                return container->mount_ns;
        case OCI_NAMESPACE_USER:
                return user_namespace(container);
        default:
                return cgroup_namespace(container, facts);
        }
}

NamespaceKind namespace_kind(const Container *container, const Facts *facts, OciNamespace namespace) {
        return get_namespace(container, facts, namespace).kind;
}

bool has_user_namespace(const Container *container, const Facts *facts) {
        return namespace_kind(container, facts, OCI_NAMESPACE_USER) != NAMESPACE_HOST;
}

bool namespace_is_owned(const Container *container, const Facts *facts, OciNamespace namespace) {
        Namespace ns = get_namespace(container, facts, namespace), user = user_namespace(container);

        /* Each container of a user's has a user namespace of its own around it. */
        if ((user.kind == NAMESPACE_HOST && facts->user_ids == 0) || ns.kind == NAMESPACE_PRIVATE)
                return true;
        /* A user's container that joins another's is in that one's. */
        if (ns.kind == NAMESPACE_CONTAINER && user.kind == NAMESPACE_HOST)
                return true;
        return (ns.kind == NAMESPACE_CONTAINER || ns.kind == NAMESPACE_POD) && user.kind == ns.kind &&
               streq(ns.value, user.value);
}

static void write_map(Json *json, const char *key, const IdMap *map) {
        json_open_array(json, key);
        for (size_t i = 0; i < map->count; i++) {
                json_open_object(json, NULL);
                json_add_unsigned(json, "containerID", map->items[i].inside);
                json_add_unsigned(json, "hostID", map->items[i].outside);
                json_add_unsigned(json, "size", map->items[i].count);
                json_close(json);
        }
        json_close(json);
}

void build_namespaces(SpecBuild *build) {
        const Facts *facts = build->facts;
        Json *json = &build->json;

        json_open_array(json, "namespaces");
        for (OciNamespace i = 0; i < _OCI_NAMESPACE_COUNT; i++) {
                Namespace namespace = get_namespace(build->container, facts, i);

                if (namespace.kind == NAMESPACE_HOST)
                        continue;
                json_open_object(json, NULL);
                json_add_string(json, "type", namespace_type(i));
                if (facts->namespaces[i])
                        json_add_string(json, "path", facts->namespaces[i]);
                else if (namespace.kind == NAMESPACE_PATH)
                        json_add_string(json, "path", namespace.value);
                else if (namespace.kind == NAMESPACE_CONTAINER)
                        diagnose_error(build->diagnostics, &namespace.where,
                                       "no %s namespace of \"%s.container\" is among the facts", namespace_type(i),
                                       namespace.value);
                else if (namespace.kind == NAMESPACE_POD)
                        diagnose_error(build->diagnostics, &namespace.where,
                                       "no %s namespace of \"%s.pod\" is among the facts", namespace_type(i),
                                       namespace.value);
                json_close(json);
        }
        json_close(json);
        if (!has_user_namespace(build->container, facts))
                return;
        /* Runtimes want to know those of a joined one, too, to tell what its root is on the
         * machine. */
        write_map(json, "uidMappings", &facts->uid_map);
        write_map(json, "gidMappings", &facts->gid_map);
}
