/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which namespaces the container has of its own, and which it joins. */
#include "spec/namespaces.h"

/* By OciNamespace: the name in the OCI configuration. */
static const char *const types[_OCI_NAMESPACE_COUNT] = { "pid", "network", "ipc", "uts", "mount", "cgroup" };

static Namespace network_namespace(const Container *container) {
        bool host = container->networks.count > 0 && container->networks.items[0].kind == NETWORK_HOST;

        return (Namespace) { .kind = host ? NAMESPACE_HOST : NAMESPACE_PRIVATE };
}

static Namespace cgroup_namespace(const Container *container, const Facts *facts) {
        bool given = container->set.entry[KEY_Container_CgroupNS];

        return facts->cgroup_unified || given ? container->cgroup_ns : (Namespace) { .kind = NAMESPACE_HOST };
}

/* Its value is borrowed. */
static Namespace get_namespace(const Container *container, const Facts *facts, OciNamespace namespace) {
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
        default:
                return cgroup_namespace(container, facts);
        }
}

NamespaceKind namespace_kind(const Container *container, const Facts *facts, OciNamespace namespace) {
        return get_namespace(container, facts, namespace).kind;
}

void build_namespaces(SpecBuild *build) {
        Json *json = &build->json;

        json_open_array(json, "namespaces");
        for (OciNamespace i = 0; i < _OCI_NAMESPACE_COUNT; i++) {
                Namespace namespace = get_namespace(build->container, build->facts, i);

                if (namespace.kind == NAMESPACE_HOST)
                        continue;
                json_open_object(json, NULL);
                json_add_string(json, "type", types[i]);
                if (namespace.kind == NAMESPACE_PATH)
                        json_add_string(json, "path", namespace.value);
                json_close(json);
        }
        json_close(json);
}
