/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container of a pod, completed by what the pod's file says. */
#include <errno.h>

#include "config/value/values.h"
#include "kind/container/container-id-maps.h"
#include "kind/load.h"
#include "kind/pod-container.h"

int container_pod_stem(const Container *container, char **ret) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        if (!container->pod)
                return 0;
        r = file_name_parse(container->pod, &type, &stem);
        if (r < 0 || type != FILE_POD)
                return r == -ENOMEM ? r : 0;
        *ret = TAKE_PTR(stem);
        return 1;
}

static int copy_text(const char *text, char **ret) {
        *ret = text ? strdup(text) : NULL;
        return text && !*ret ? -ENOMEM : 0;
}

/* What is joined from elsewhere is joined by every member; a namespace of the pod's own is the
 * pod's. */
static int join_network(Container *container, const Pod *pod, const Location *where) {
        const NetworkAttachment *of_pod = pod->networks.count > 0 ? &pod->networks.items[0] : NULL;
        NetworkAttachmentList *networks = &container->networks;
        NetworkAttachment network = { .kind = NETWORK_POD, .where = *where };
        const char *value = pod->stem;
        int r;

        if (of_pod && (of_pod->kind == NETWORK_HOST || of_pod->kind == NETWORK_PATH ||
                       of_pod->kind == NETWORK_CONTAINER)) {
                network.kind = of_pod->kind;
                value = of_pod->value;
        }
        if (networks->count > 0)
                return 0;
        r = ARRAY_RESERVE(networks->items, networks->allocated, networks->count + 1);
        if (r >= 0)
                r = copy_text(value, &network.value);
        if (r >= 0)
                networks->items[networks->count++] = network;
        return r;
}

static int join_namespace(Container *container, const Pod *pod, KeyId key, const Location *where,
                          Namespace *namespace) {
        if (container->set.entry[key] || container->set.open[key])
                return 0;
        *namespace = (Namespace) { .kind = NAMESPACE_POD, .where = *where };
        return copy_text(pod->stem, &namespace->value);
}

static int join_user_namespace(Container *container, const Pod *pod, const Location *where) {
        UserNamespace *ns = &container->user_ns;
        Container of_pod;

        if (ns->kind != USERNS_HOST || container_has_user_namespace(container))
                return 0;
        pod_as_container(pod, &of_pod);
        ns->where = *where;
        if (container_has_user_namespace(&of_pod)) {
                ns->kind = USERNS_POD;
                return copy_text(pod->stem, &ns->value);
        }
        ns->kind = pod->user_ns.kind;
        return copy_text(pod->user_ns.value, &ns->value);
}

static bool is_mounted(const Container *container, const char *destination) {
        for (size_t i = 0; i < container->volumes.count; i++)
                if (streq_null(container->volumes.items[i].destination, destination))
                        return true;
        for (size_t i = 0; i < container->mounts.count; i++)
                if (streq_null(container->mounts.items[i].destination, destination))
                        return true;
        for (size_t i = 0; i < container->tmpfs.count; i++)
                if (streq_null(container->tmpfs.items[i].destination, destination))
                        return true;
        return false;
}

/* The pod's come first, and are moved from there. */
static int take_volumes(Container *container, Pod *pod) {
        VolumeMountList *own = &container->volumes, *more = &pod->volumes, all = {};
        int r = ARRAY_RESERVE(all.items, all.allocated, own->count + more->count);

        if (r < 0 || more->count == 0)
                return r;
        for (size_t i = 0; i < more->count; i++) {
                VolumeMount *volume = &more->items[i];

                if (is_mounted(container, volume->destination))
                        continue;
                all.items[all.count++] = *volume;
                *volume = (VolumeMount) {};
        }
        for (size_t i = 0; i < own->count; i++)
                all.items[all.count++] = own->items[i];
        free(own->items);
        *own = all;
        return 0;
}

/* An end by the pod's time is one that the container's own file would win over. */
static void take_stop_timeout(Container *container, const Pod *pod) {
        if (container->set.entry[KEY_Container_StopTimeout] || !pod->set.entry[KEY_Pod_StopTimeout])
                return;
        container->stop_timeout_usec = pod->stop_timeout_usec;
        container->set.entry[KEY_Container_StopTimeout] = pod->set.entry[KEY_Pod_StopTimeout];
}

int container_join_pod(Container *container, Pod *pod) {
        Location where = container_where(container, KEY_Container_Pod);
        int r;

        container->joined_pod = pod;
        r = join_network(container, pod, &where);
        if (r >= 0)
                r = join_namespace(container, pod, KEY_Container_IpcNS, &where, &container->ipc_ns);
        if (r >= 0)
                r = join_namespace(container, pod, KEY_Container_UtsNS, &where, &container->uts_ns);
        if (r >= 0)
                r = join_user_namespace(container, pod, &where);
        if (r >= 0)
                r = take_volumes(container, pod);
        take_stop_timeout(container, pod);
        return r;
}

int container_find_pod(Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Pod);
        _cleanup_free_ char *stem = NULL;
        Pod *pod = NULL;
        int r;

        if (container->joined_pod)
                return 0;
        r = container_pod_stem(container, &stem);
        if (r <= 0)
                return r;
        r = pod_look_up(stem, NULL, diagnostics, &pod);
        if (r == -ENOENT)
                return diagnose_error(diagnostics, &where, "there is no \"%s\"", container->pod);
        return r < 0 ? r : container_join_pod(container, pod);
}
