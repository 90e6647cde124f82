/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must be there before a container, or a pod, starts. */
#include "unit/unit-needs.h"

#include <errno.h>

#include "basic/path.h"
#include "kind/container/container-mounts.h"
#include "source/unit-reference.h"
#include "unit/pod-units.h"
#include "unit/pull-units.h"

/* A container whose namespace is joined. It cannot be there without that one. */
static int add_joined(UnitDropIn *drop_in, const char *stem) {
        _cleanup_free_ char *unit = NULL;
        int r;

        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r == -EINVAL)
                return 0;
        if (r >= 0)
                r = unit_drop_in_add_unit(&drop_in->bound, unit);
        return r < 0 ? r : instances_add(drop_in->instances, FILE_CONTAINER, stem);
}

static int add_joined_namespaces(const Container *c, UnitDropIn *drop_in) {
        const Namespace *const namespaces[] = { &c->pid_ns, &c->ipc_ns, &c->uts_ns, &c->cgroup_ns, &c->mount_ns };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(namespaces); i++)
                if (namespaces[i]->kind == NAMESPACE_CONTAINER)
                        r = add_joined(drop_in, namespaces[i]->value);
        if (r >= 0 && c->user_ns.kind == USERNS_CONTAINER)
                r = add_joined(drop_in, c->user_ns.value);
        for (size_t i = 0; r >= 0 && i < c->networks.count; i++)
                if (c->networks.items[i].kind == NETWORK_CONTAINER)
                        r = add_joined(drop_in, c->networks.items[i].value);
        return r;
}

/* The service makes the volume and mounts it, and whoever stops it means that nothing uses the
 * volume any more. */
static int add_volume(UnitDropIn *drop_in, const char *source, bool create) {
        _cleanup_free_ char *unit = NULL;
        int r;

        if (!source || endswith(source, ".volume"))
                return unit_drop_in_add_file(drop_in, &drop_in->required, source);
        r = create ? unit_name_for(FILE_VOLUME, source, &unit) : -EINVAL;
        if (r < 0)
                return r == -EINVAL ? 0 : r;
        return unit_drop_in_add_unit(&drop_in->required, unit);
}

static int add_volumes(const Container *c, UnitDropIn *drop_in) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < c->volumes.count; i++)
                if (c->volumes.items[i].kind != VOLUME_HOST_PATH)
                        r = add_volume(drop_in, c->volumes.items[i].source, !c->volumes.items[i].no_create);
        return r;
}

/* Only wanted: where it cannot be, the helper says in which line it is asked for; a unit that does
 * not exist would keep it from starting. */
static int add_network(UnitDropIn *drop_in, const NetworkAttachment *network) {
        _cleanup_free_ char *stem = NULL, *file = NULL;
        int r;

        if (!network_is_ours(network))
                return 0;
        r = container_network_stem(network, &stem);
        if (r < 0)
                return r;
        file = text_format("%s.network", stem);
        /* Where a user's networks are is needed whatever becomes of this one. */
        if (drop_in->context->scope == SCOPE_USER)
                r = unit_drop_in_add_unit(&drop_in->required, "container-networks.service");
        if (r < 0)
                return r;
        return file ? unit_drop_in_add_file(drop_in, &drop_in->wanted, file) : -ENOMEM;
}

static int add_files(const Container *c, UnitDropIn *drop_in) {
        int r;

        r = unit_pull_add(c, drop_in);
        if (r >= 0)
                r = unit_pod_add_member(c, drop_in);
        for (size_t i = 0; r >= 0 && i < c->networks.count; i++)
                r = add_network(drop_in, &c->networks.items[i]);
        for (size_t i = 0; r >= 0 && i < c->mounts.count; i++)
                if (mount_is(&c->mounts.items[i], "image"))
                        r = unit_pull_add_mount(c, c->mounts.items[i].source, drop_in);
        return r;
}

/* The directory that has all that it can match. */
static int add_glob(UnitDropIn *drop_in, const Mount *glob) {
        _cleanup_free_ char *fixed = strndup(glob->source, strcspn(glob->source, "*?[\\{")),
                            *directory = fixed ? path_dirname(fixed) : NULL;

        return directory ? unit_drop_in_add_path(drop_in, directory, &glob->where) : -ENOMEM;
}

static int add_paths(const Container *c, UnitDropIn *drop_in) {
        Location where = container_where(c, KEY_Container_Rootfs);
        int r;

        r = unit_drop_in_add_path(drop_in, c->rootfs.path, &where);
        for (size_t i = 0; r >= 0 && i < c->volumes.count; i++) {
                const VolumeMount *volume = &c->volumes.items[i];

                if (volume->kind != VOLUME_HOST_PATH)
                        continue;
                r = unit_drop_in_add_path(drop_in, volume->source, &volume->where);
                if (r >= 0)
                        r = unit_drop_in_add_path(drop_in, volume->upper_directory, &volume->where);
                if (r >= 0)
                        r = unit_drop_in_add_path(drop_in, volume->work_directory, &volume->where);
        }
        for (size_t i = 0; r >= 0 && i < c->mounts.count; i++)
                if (mount_is(&c->mounts.items[i], "glob"))
                        r = add_glob(drop_in, &c->mounts.items[i]);
        where = container_where(c, KEY_Container_OCIHooksDir);
        for (size_t i = 0; r >= 0 && i < c->hooks_directories.count; i++)
                r = unit_drop_in_add_path(drop_in, c->hooks_directories.items[i], &where);
        /* An optional file must not make its mount a requirement. */
        for (size_t i = 0; r >= 0 && i < c->environment_files.count; i++)
                if (!c->environment_files.items[i].optional)
                        r = unit_drop_in_add_path(drop_in, c->environment_files.items[i].path,
                                                  &c->environment_files.items[i].where);
        return r;
}

/* Whether the container talks to the world by way of the host's network. Then it is to start when
 * that is up, as with Quadlet; but Quadlet lets every container wait, because its unit also pulls
 * the image, and that is not part of starting here. */
static bool needs_network(const Container *c, Scope scope) {
        const NetworkAttachmentList *networks = &c->networks;

        if (scope != SCOPE_SYSTEM || c->default_dependencies == NO)
                return false;
        for (size_t i = 0; i < networks->count; i++)
                switch (networks->items[i].kind) {
                case NETWORK_NONE:
                case NETWORK_PRIVATE:
                case NETWORK_PATH:
                case NETWORK_CONTAINER:
                case NETWORK_POD:
                        break;
                default:
                        return true;
                }
        return false;
}

int unit_needs_add(const Container *c, UnitDropIn *drop_in) {
        int r;

        if (needs_network(c, drop_in->context->scope))
                text_append(&drop_in->unit, "Wants=network-online.target\nAfter=network-online.target\n");
        r = add_joined_namespaces(c, drop_in);
        if (r >= 0)
                r = add_volumes(c, drop_in);
        if (r >= 0)
                r = add_files(c, drop_in);
        return r < 0 ? r : add_paths(c, drop_in);
}
