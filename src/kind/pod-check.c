/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pod as a container with its namespaces, and what is wrong with it as a whole. */
#include "config/key-parse.h"
#include "kind/container/container-id-maps.h"
#include "kind/container/container-of-user.h"
#include "kind/helper-service.h"
#include "kind/pod-container.h"

void pod_as_container(const Pod *pod, Container *ret) {
        static const struct {
                KeyId pod, container;
        } same[] = {
                { KEY_Pod_PodName, KEY_Container_ContainerName },
                { KEY_Pod_Network, KEY_Container_Network },
                { KEY_Pod_NetworkAlias, KEY_Container_NetworkAlias },
                { KEY_Pod_PublishPort, KEY_Container_PublishPort },
                { KEY_Pod_Volume, KEY_Container_Volume },
                { KEY_Pod_AddHost, KEY_Container_AddHost },
                { KEY_Pod_DNS, KEY_Container_DNS },
                { KEY_Pod_DNSOption, KEY_Container_DNSOption },
                { KEY_Pod_DNSSearch, KEY_Container_DNSSearch },
                { KEY_Pod_HostName, KEY_Container_HostName },
                { KEY_Pod_IP, KEY_Container_IP },
                { KEY_Pod_IP6, KEY_Container_IP6 },
                { KEY_Pod_UserNS, KEY_Container_UserNS },
                { KEY_Pod_UIDMap, KEY_Container_UIDMap },
                { KEY_Pod_GIDMap, KEY_Container_GIDMap },
                { KEY_Pod_SubUIDMap, KEY_Container_SubUIDMap },
                { KEY_Pod_SubGIDMap, KEY_Container_SubGIDMap },
                { KEY_Pod_ShmSize, KEY_Container_ShmSize },
                { KEY_Pod_StopTimeout, KEY_Container_StopTimeout },
                { KEY_Pod_Label, KEY_Container_Label },
        };

        *ret = (Container) {
                .container_name = pod->pod_name,
                .networks = pod->networks,
                .network_aliases = pod->network_aliases,
                .publish_ports = pod->publish_ports,
                .volumes = pod->volumes,
                .add_hosts = pod->add_hosts,
                .dns = pod->dns,
                .dns_options = pod->dns_options,
                .dns_search = pod->dns_search,
                .host_name = pod->host_name,
                .ip = pod->ip,
                .ip6 = pod->ip6,
                .user_ns = pod->user_ns,
                .uid_map = pod->uid_map,
                .gid_map = pod->gid_map,
                .sub_uid_map = pod->sub_uid_map,
                .sub_gid_map = pod->sub_gid_map,
                .shm_size_bytes = pod->shm_size_bytes,
                .stop_timeout_usec = pod->stop_timeout_usec,
                .labels = pod->labels,
                .of_user = pod->of_user,
        };
        ret->section = pod->section;
        for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
                ret->set.entry[same[i].container] = pod->set.entry[same[i].pod];
                ret->set.open[same[i].container] = pod->set.open[same[i].pod];
        }
}

void pod_check(const Pod *pod, Diagnostics *diagnostics) {
        static const KeyId mappings[] = { KEY_Pod_UIDMap, KEY_Pod_GIDMap, KEY_Pod_SubUIDMap, KEY_Pod_SubGIDMap };
        Container container;

        for (size_t i = 0; i < ARRAY_SIZE(mappings); i++)
                keys_exclude(&pod->set, KEY_Pod_UserNS, mappings[i], diagnostics);
        check_helper_service(&pod->section, diagnostics);
        pod_as_container(pod, &container);
        container_check_name_servers(&container, diagnostics);
        container_check_network_keys(&container, diagnostics);
        container_check_user_namespace(&container, diagnostics);
}

void pod_check_supported(const Pod *pod, Diagnostics *diagnostics) {
        Container container;

        pod_as_container(pod, &container);
        container_check_supported_namespaces(&container, diagnostics);
        if (pod->of_user)
                container_check_of_user(&container, diagnostics);
}
