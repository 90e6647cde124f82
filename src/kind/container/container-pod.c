/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container of a pod cannot say: podman refuses most of it at a start, too. */
#include "kind/container/container-pod.h"

#include "basic/text.h"
#include "config/key-parse.h"

/* Keys about a namespace that is the pod's: errors, unless the container has one of its own. */
static void check_own(const Container *container, KeyId key, KeyId namespace, Diagnostics *diagnostics) {
        if (!container->set.entry[namespace] && !container->set.open[namespace])
                keys_exclude(&container->set, KEY_Container_Pod, key, diagnostics);
}

void container_check_pod(const Container *container, Diagnostics *diagnostics) {
        static const KeyId of_pod[] = {
                KEY_Container_Network,  KEY_Container_PublishPort, KEY_Container_IP,     KEY_Container_IP6,
                KEY_Container_AddHost,  KEY_Container_NetworkAlias, KEY_Container_UserNS, KEY_Container_UIDMap,
                KEY_Container_GIDMap,   KEY_Container_SubUIDMap,   KEY_Container_SubGIDMap,
        };
        Location where = container_where(container, KEY_Container_Pod);

        if (!container->pod)
                return;
        if (!endswith(container->pod, ".pod"))
                diagnose_error(diagnostics, &where, "\"Pod\" must be the name of a .pod file");
        for (size_t i = 0; i < ARRAY_SIZE(of_pod); i++)
                keys_exclude(&container->set, KEY_Container_Pod, of_pod[i], diagnostics);
        check_own(container, KEY_Container_HostName, KEY_Container_UtsNS, diagnostics);
        where = container_where(container, KEY_Container_ShmSize);
        if (container->set.entry[KEY_Container_ShmSize] && !container->set.entry[KEY_Container_IpcNS])
                diagnose_warning(diagnostics, &where, "\"ShmSize\" has no effect: /dev/shm is that of the pod");
}
