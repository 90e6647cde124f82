/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a container as a whole: keys that exclude, need or overrule one another.
 * Podman refuses most of it at a start, too. */
#include "kind/container/container.h"

#include <errno.h>

#include "config/image-reference.h"
#include "config/key-parse.h"
#include "kind/container/container-checkpoint.h"
#include "kind/container/container-health.h"
#include "kind/container/container-id-maps.h"
#include "kind/container/container-pod.h"
#include "kind/container/container-security.h"
#include "kind/container/container-service.h"
#include "kind/container/container-socket.h"
#include "kind/container/container-user-network.h"
#include "kind/container/container-variables.h"

static bool is_set(const Container *container, KeyId key) {
        return container->set.entry[key];
}

static void report(const Container *container, KeyId key, Diagnostics *diagnostics, const char *message) {
        Location where = container_where(container, key);

        diagnose_error(diagnostics, &where, "%s", message);
}

static bool is_given(const Container *container, KeyId key) {
        return section_is_given(&container->section, key);
}

/* Root file system and command */

static void check_root(const Container *container, Diagnostics *diagnostics) {
        static const KeyId of_pulls[][2] = {
                { KEY_Container_Pull, KEY_Image_Policy },
                { KEY_Container_Retry, KEY_Image_Retry },
                { KEY_Container_RetryDelay, KEY_Image_RetryDelay },
        };
        bool image = is_given(container, KEY_Container_Image), rootfs = is_given(container, KEY_Container_Rootfs);
        Location where = file_place(&container->unit);

        if (!image && !rootfs)
                diagnose_error(diagnostics, &where, "neither Image= nor Rootfs= is set");
        if (is_set(container, KEY_Container_Rootfs) && !image && !is_given(container, KEY_Container_Exec) &&
            !is_given(container, KEY_Container_Entrypoint))
                report(container, KEY_Container_Rootfs, diagnostics,
                       "there is no command: \"Rootfs\" needs \"Exec\" or \"Entrypoint\"");
        for (size_t i = 0; container->image && image_is_file(container->image) && i < ARRAY_SIZE(of_pulls); i++) {
                where = container_where(container, of_pulls[i][0]);
                if (is_set(container, of_pulls[i][0]))
                        diagnose_warning(diagnostics, &where,
                                         "\"%s\" has no effect: %s says how the image is pulled, by its %s=",
                                         keys[of_pulls[i][0]].name, container->image, keys[of_pulls[i][1]].name);
        }
        where = container_where(container, KEY_Container_AutoUpdate);
        if (container->auto_update != AUTO_UPDATE_NO && !image)
                diagnose_error(diagnostics, &where, "\"AutoUpdate\" needs \"Image\"");
        else if (container->auto_update != AUTO_UPDATE_NO &&
                 (container->pull == PULL_ALWAYS || container->pull == PULL_NEWER))
                diagnose_warning(diagnostics, &where,
                                 "with this \"Pull\" every start gets the newest image, so that an update cannot be "
                                 "taken back");
        if (is_set(container, KEY_Container_ReadOnlyTmpfs) && !container->read_only) {
                where = container_where(container, KEY_Container_ReadOnlyTmpfs);
                diagnose_warning(diagnostics, &where, "\"ReadOnlyTmpfs\" has no effect without \"ReadOnly\"");
        }
}

/* Its socket has the name of the file, and the kernel has little room for where a socket is. */
static void check_notify_name(const Container *container, Diagnostics *diagnostics) {
        enum { SOCKET_NAME_MAX = 80 };

        if (container->notify == NOTIFY_YES && container->stem && strlen(container->stem) > SOCKET_NAME_MAX)
                report(container, KEY_Container_Notify, diagnostics,
                       "Notify=yes needs a name of the file of at most 80 characters");
}

/* Keys against keys */

void container_check_name_servers(const Container *container, Diagnostics *diagnostics) {
        if (container->dns.count > 1 && string_list_contains(&container->dns, "none"))
                report(container, KEY_Container_DNS, diagnostics, "\"none\" goes with no other name server");
        if (container->image_resolv_conf) {
                /* DNS=none says the same. */
                if (!string_list_contains(&container->dns, "none"))
                        keys_exclude(&container->set, KEY_Container_ImageResolvConf, KEY_Container_DNS, diagnostics);
                keys_exclude(&container->set, KEY_Container_ImageResolvConf, KEY_Container_DNSOption, diagnostics);
                keys_exclude(&container->set, KEY_Container_ImageResolvConf, KEY_Container_DNSSearch, diagnostics);
        } else if (string_list_contains(&container->dns, "none")) {
                if (container->dns_options.count > 0)
                        report(container, KEY_Container_DNSOption, diagnostics,
                               "\"DNSOption\" has no effect with DNS=none");
                if (container->dns_search.count > 0)
                        report(container, KEY_Container_DNSSearch, diagnostics,
                               "\"DNSSearch\" has no effect with DNS=none");
        }
}

static void check_keys(const Container *container, Diagnostics *diagnostics) {
        static const KeyId exclusions[][2] = {
                { KEY_Container_Image, KEY_Container_Rootfs },
                { KEY_Container_ReloadCmd, KEY_Container_ReloadSignal },
                { KEY_Container_UserNS, KEY_Container_UIDMap },
                { KEY_Container_UserNS, KEY_Container_GIDMap },
                { KEY_Container_UserNS, KEY_Container_SubUIDMap },
                { KEY_Container_UserNS, KEY_Container_SubGIDMap },
                { KEY_Container_UIDMap, KEY_Container_SubUIDMap },
                { KEY_Container_GIDMap, KEY_Container_SubGIDMap },
        };
        static const KeyId needs[][2] = {
                { KEY_Container_Group, KEY_Container_User },
                { KEY_Container_RemapUid, KEY_Container_RemapUsers },
                { KEY_Container_RemapGid, KEY_Container_RemapUsers },
                { KEY_Container_StartWithPod, KEY_Container_Pod },
        };

        for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++)
                keys_exclude(&container->set, exclusions[i][0], exclusions[i][1], diagnostics);
        for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
                keys_need(&container->set, needs[i][0], needs[i][1], diagnostics);
        check_notify_name(container, diagnostics);
        if (container->image_hosts)
                keys_exclude(&container->set, KEY_Container_ImageHosts, KEY_Container_AddHost, diagnostics);
        container_check_name_servers(container, diagnostics);
}

static void check_process(const Container *container, Diagnostics *diagnostics) {
        const StringList *add = &container->add_capability, *drop = &container->drop_capability;
        Location where;

        if (container->group && container->user && strchr(container->user, ':'))
                report(container, KEY_Container_Group, diagnostics, "\"User\" names a group already");
        if (container->group_add.count > 1 && container_keeps_groups(container))
                report(container, KEY_Container_GroupAdd, diagnostics, "\"keep-groups\" goes with no other group");
        if (container_keeps_groups(container) && !container_has_crun(container))
                report(container, KEY_Container_GroupAdd, diagnostics, "\"keep-groups\" needs crun as the runtime");
        if (container->run_init && container->pid_ns.kind != NAMESPACE_PRIVATE)
                report(container, KEY_Container_RunInit, diagnostics,
                       "\"RunInit\" needs a PID namespace of the container's own");
        if (container->run_init && container_runs_systemd(container))
                report(container, KEY_Container_RunInit, diagnostics,
                       "\"RunInit\" and systemd cannot both be the first process");
        where = container_where(container, KEY_Container_DropCapability);
        for (size_t i = 0; i < drop->count; i++)
                if (string_list_contains(add, drop->items[i]))
                        diagnose_error(diagnostics, &where, "capability \"%s\" is both added and dropped",
                                       drop->items[i]);
        where = container_where(container, KEY_Container_LogDriver);
        if (container->log_driver && !streq(container->log_driver, "none") &&
            !streq(container->log_driver, "journald") && !streq(container->log_driver, "passthrough"))
                diagnose_warning(diagnostics, &where,
                                 "\"LogDriver\" has no effect for \"%s\"; use StandardOutput= in [Service]",
                                 container->log_driver);
}

/* Mounts */

typedef struct Destination {
        const char *path;
        Location where;
        size_t file; /* its number in the order in which the files were read */
} Destination;

typedef struct DestinationList {
        Destination *items;
        size_t count, allocated;
        const UnitFile *unit;
} DestinationList;

static void add_destination(DestinationList *list, const char *path, const Location *where) {
        size_t file = 0;

        /* Without memory, what is checked again by the kernel goes unnoticed here. */
        if (!path || ARRAY_RESERVE(list->items, list->allocated, list->count + 1) < 0)
                return;
        while (file < list->unit->files.count && list->unit->files.items[file] != where->file)
                file++;
        list->items[list->count++] = (Destination) { path, *where, file };
}

static int compare_destinations(const void *x, const void *y) {
        const Destination *a = x, *b = y;
        int r = strcmp(a->path, b->path);

        if (r != 0)
                return r;
        if (a->file != b->file)
                return a->file < b->file ? -1 : 1;
        if (a->where.line != b->where.line)
                return a->where.line < b->where.line ? -1 : 1;
        return (a->where.column > b->where.column) - (a->where.column < b->where.column);
}

static void check_destinations(const Container *container, Diagnostics *diagnostics) {
        DestinationList list = { .unit = &container->unit };

        for (size_t i = 0; i < container->volumes.count; i++)
                add_destination(&list, container->volumes.items[i].destination, &container->volumes.items[i].where);
        for (size_t i = 0; i < container->tmpfs.count; i++)
                add_destination(&list, container->tmpfs.items[i].destination, &container->tmpfs.items[i].where);
        for (size_t i = 0; i < container->mounts.count; i++)
                add_destination(&list, container->mounts.items[i].destination, &container->mounts.items[i].where);
        for (size_t i = 0; i < container->devices.count; i++)
                if (!container->devices.items[i].is_cdi)
                        add_destination(&list, container->devices.items[i].destination,
                                        &container->devices.items[i].where);
        for (size_t i = 0; i < container->secrets.count; i++)
                if (!container->secrets.items[i].environment)
                        add_destination(&list, container->secrets.items[i].target, &container->secrets.items[i].where);
        if (list.count > 1)
                qsort(list.items, list.count, sizeof(*list.items), compare_destinations);
        for (size_t i = 0; i < list.count; i++) {
                const Destination *d = &list.items[i];

                if (streq(d->path, "/"))
                        diagnose_error(diagnostics, &d->where, "nothing can be mounted on \"/\"");
                else if (i > 0 && streq(d->path, d[-1].path))
                        diagnose_error(diagnostics, &d->where, "there is another mount on \"%s\" already", d->path);
        }
        free(list.items);
}

/* Namespaces and network */

static const char *network_text(const NetworkAttachment *network) {
        static const char *const names[] = {
                [NETWORK_HOST] = "host",       [NETWORK_NONE] = "none",
                [NETWORK_PRIVATE] = "private", [NETWORK_BRIDGE] = "bridge",
                [NETWORK_PASTA] = "pasta",     [NETWORK_SLIRP4NETNS] = "slirp4netns",
                [NETWORK_PATH] = "ns:…",       [NETWORK_CONTAINER] = "container:…",
        };

        return network->value && network->kind >= NETWORK_FILE ? network->value : names[network->kind];
}

/* Podman allows several networks only when all are bridges. */
static void check_networks(const Container *container, Diagnostics *diagnostics) {
        static const KeyId of_bridges[] = { KEY_Container_IP, KEY_Container_IP6, KEY_Container_NetworkAlias };
        const NetworkAttachmentList *networks = &container->networks;
        const NetworkAttachment *first = networks->items;

        for (size_t i = 1; i < networks->count; i++)
                if (!network_is_ours(&networks->items[i]) || !network_is_ours(first))
                        diagnose_error(diagnostics, &networks->items[i].where,
                                       "network \"%s\" and network \"%s\" exclude each other", network_text(first),
                                       network_text(&networks->items[i]));
        for (size_t i = 0; i < ARRAY_SIZE(of_bridges); i++) {
                Location where = container_where(container, of_bridges[i]);

                if (!is_set(container, of_bridges[i]) || networks->count == 0)
                        continue;
                if (!network_is_ours(first))
                        diagnose_error(diagnostics, &where, "\"%s\" has no effect on network \"%s\"",
                                       keys[of_bridges[i]].name, network_text(first));
                else if (networks->count > 1 && of_bridges[i] != KEY_Container_NetworkAlias)
                        diagnose_error(diagnostics, &where,
                                       "\"%s\" is for one network only; use Network=NAME:ip=ADDRESS",
                                       keys[of_bridges[i]].name);
        }
}

static void check_joined_network(const Container *container, Diagnostics *diagnostics) {
        const NetworkAttachment *network = container->networks.items;
        Location where = container_where(container, KEY_Container_PublishPort);

        if (container->networks.count == 0)
                return;
        if (is_set(container, KEY_Container_PublishPort) &&
            (network->kind == NETWORK_HOST || network->kind == NETWORK_NONE || network->kind == NETWORK_PATH ||
             network->kind == NETWORK_CONTAINER))
                diagnose_warning(diagnostics, &where, "\"PublishPort\" has no effect on network \"%s\"",
                               network_text(network));
        user_network_check(container, diagnostics);
}

static void check_host_gateway(const Container *container, Diagnostics *diagnostics) {
        const NetworkAttachment *network = container->networks.items;
        Location where = container_where(container, KEY_Container_AddHost);

        if (container->networks.count == 0 || (network->kind != NETWORK_NONE && network->kind != NETWORK_PRIVATE))
                return;
        for (size_t i = 0; i < container->add_hosts.count; i++)
                if (endswith(container->add_hosts.items[i], ":host-gateway"))
                        diagnose_error(diagnostics, &where, "\"host-gateway\" has no address on network \"%s\"",
                                       network_text(network));
}

void container_check_network_keys(const Container *container, Diagnostics *diagnostics) {
        check_networks(container, diagnostics);
        check_joined_network(container, diagnostics);
        check_host_gateway(container, diagnostics);
}

/* The last line that sets this parameter, in either spelling: its last part is the same in both. */
static Location sysctl_where(const Container *container, const char *name, size_t n) {
        Location where = container_where(container, KEY_Container_Sysctl);
        _cleanup_free_ char *full = strndup(name, n);
        const char *last = full ? strrchr(full, '.') : NULL;

        for (size_t i = 0; last && i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (streq(entry->key, "Sysctl") && strstr(entry->value, last + 1))
                        where = entry->where;
        }
        return where;
}

static void check_sysctls(const Container *container, Diagnostics *diagnostics) {
        bool host_network = container->networks.count > 0 && container->networks.items[0].kind == NETWORK_HOST;

        for (size_t i = 0; i < container->sysctls.count; i++) {
                const char *name = container->sysctls.items[i];
                size_t n = strcspn(name, "=");
                bool network = startswith(name, "net."), uts = startswith(name, "kernel.domainname");
                Location where = sysctl_where(container, name, n);

                if (network ? host_network : (uts ? container->uts_ns.kind : container->ipc_ns.kind) == NAMESPACE_HOST)
                        diagnose_error(diagnostics, &where, "\"%.*s\" cannot be set in the host's %s namespace",
                                       (int) n, name,
                                       network ? "network"
                                       : uts   ? "UTS"
                                               : "IPC");
        }
}

static void check_namespaces(const Container *container, Diagnostics *diagnostics) {
        if (is_set(container, KEY_Container_HostName) && container->uts_ns.kind != NAMESPACE_PRIVATE)
                report(container, KEY_Container_HostName, diagnostics,
                       "\"HostName\" needs a UTS namespace of the container's own");
        if (is_set(container, KEY_Container_ShmSize) && container->ipc_ns.kind == NAMESPACE_HOST)
                report(container, KEY_Container_ShmSize, diagnostics,
                       "\"ShmSize\" has no effect in the host's IPC namespace");
}

/* The scope's name has to be one: "berth-", the name with "-" and more escaped, ".scope". */
static void check_scope_name(const Container *container, Diagnostics *diagnostics) {
        enum { UNIT_NAME_MAX = 255 };
        _cleanup_free_ char *escaped = unit_name_escape(container->stem);

        if (escaped && strlen("berth-.scope") + strlen(escaped) > UNIT_NAME_MAX)
                report(container, KEY_Container_CgroupsMode, diagnostics,
                       "the name is too long for CgroupsMode=enabled");
}

/* runc makes a control group in any case. */
static void check_cgroups(const Container *container, Diagnostics *diagnostics) {
        if (container->cgroups_mode == CGROUPS_ENABLED)
                check_scope_name(container, diagnostics);
        if (container->cgroups_mode != CGROUPS_DISABLED)
                return;
        if (!container_has_crun(container))
                report(container, KEY_Container_CgroupsMode, diagnostics,
                       "CgroupsMode=disabled needs crun as the runtime");
        if (container_runs_systemd(container))
                report(container, KEY_Container_CgroupsMode, diagnostics,
                       "CgroupsMode=disabled leaves a systemd without control groups of its own");
}

static void check_masks(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Mask);

        /* The runtimes take paths only, and which ones match is not to be known before /proc and
         * /sys are mounted. */
        for (size_t i = 0; i < container->mask.count; i++)
                if (container->mask.items[i][0] != '/' || strpbrk(container->mask.items[i], "*?["))
                        diagnose_error(diagnostics, &where, "\"Mask\" takes paths without wildcards, not \"%s\"",
                                       container->mask.items[i]);
}

/* runc refuses it; crun would leave all of the container's mounts behind, on the machine or in the
 * other container. */
static void check_mount_namespace(const Container *container, Diagnostics *diagnostics) {
        if (container->mount_ns.kind != NAMESPACE_PRIVATE)
                diagnose_error(diagnostics, &container->mount_ns.where,
                               "\"MountNS\" must be private: the container's mounts would be made outside of it");
}

void container_check(const Container *container, Diagnostics *diagnostics) {
        /* Then the file is of another kind, and that has been said. */
        if (!unit_file_has_section(&container->unit, "Container"))
                return;
        check_root(container, diagnostics);
        check_keys(container, diagnostics);
        check_process(container, diagnostics);
        check_destinations(container, diagnostics);
        container_check_pod(container, diagnostics);
        container_check_network_keys(container, diagnostics);
        check_sysctls(container, diagnostics);
        check_namespaces(container, diagnostics);
        check_mount_namespace(container, diagnostics);
        check_cgroups(container, diagnostics);
        container_check_user_namespace(container, diagnostics);
        check_masks(container, diagnostics);
        container_check_security(container, diagnostics);
        container_check_service(container, diagnostics);
        container_check_socket(container, diagnostics);
        container_check_health(container, diagnostics);
        container_check_checkpoint(container, diagnostics);
        container_check_variables(container, diagnostics);
}
