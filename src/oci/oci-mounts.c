/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which mounts a container has. The user's come first: what else there is gives way to them. */
#include "oci/oci-mounts.h"

#include <errno.h>
#include <inttypes.h>

#include "basic/path.h"
#include "basic/text.h"
#include "config/sandbox.h"
#include "oci/oci-devices.h"
#include "oci/oci-namespaces.h"
#include "oci/paths.h"
#include "oci/user-mounts.h"

typedef struct Tmpfs {
        const char *destination, *options;
} Tmpfs;

/* The tmpfs that systemd as the first process wants, as podman mounts them since its version 4:
 * what is in them may be run. */
static const Tmpfs systemd_tmpfs[] = {
        { "/run", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=755" },
        { "/run/lock", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=755" },
        { "/tmp", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=1777" },
        { "/var/log/journal", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=755" },
};

/* What stays writable in a container whose root is read-only, besides /dev/shm. */
static const Tmpfs read_only_tmpfs[] = {
        { "/run", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=755" },
        { "/tmp", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=1777" },
        { "/var/tmp", "rw,rprivate,nosuid,nodev,tmpcopyup,mode=1777" },
};

/* VolatileTmp=, which Quadlet lets have no effect beside ReadOnly=. */
static const Tmpfs volatile_tmpfs[] = {
        { "/tmp", "rw,rprivate,nosuid,nodev,tmpcopyup,size=512m,mode=1777" },
};

/* Adds a mount unless there is one already, of the user's or of ours. */
static int add_unless_mounted(SpecBuild *build, const char *destination, const char *type, const char *source,
                              const char *options) {
        destination = facts_resolve(build->facts, destination);
        if (mount_list_find(&build->mounts, destination) || mount_list_user_covers(&build->mounts, destination))
                return 0;
        return mount_list_add(&build->mounts, destination, type, source, options, NULL);
}

static int add_tmpfs(SpecBuild *build, const Tmpfs list[], size_t count) {
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                r = add_unless_mounted(build, list[i].destination, "tmpfs", "tmpfs", list[i].options);
        return r;
}

/* Whether the root is read-only and nothing of ours is to be writable in it. ProtectSystem=strict
 * is not about what the kernel makes. */
static bool all_read_only(const Container *container) {
        return container->read_only && container->read_only_tmpfs == NO &&
               !sandbox_says(&container->unit, "ProtectSystem", "strict");
}

static int add_writable_places(SpecBuild *build) {
        const Container *container = build->container;
        int r = 0;

        if (container_runs_systemd(container))
                r = add_tmpfs(build, systemd_tmpfs, ARRAY_SIZE(systemd_tmpfs));
        if (r == 0 && container->volatile_tmp && !container->read_only)
                r = add_tmpfs(build, volatile_tmpfs, ARRAY_SIZE(volatile_tmpfs));
        if (r == 0 && container->read_only && container->read_only_tmpfs != NO)
                r = add_tmpfs(build, read_only_tmpfs, ARRAY_SIZE(read_only_tmpfs));
        return r;
}

static int add_shm(SpecBuild *build) {
        uint64_t size = container_shm_size_bytes(build->container);
        _cleanup_free_ char *options = NULL;

        if (build->container->ipc_ns.without_shm)
                return 0;
        if (build->facts->joined_shm)
                return add_unless_mounted(build, "/dev/shm", "bind", build->facts->joined_shm,
                                          "bind,rprivate,nosuid,noexec,nodev");
        if (namespace_kind(build->container, build->facts, OCI_NAMESPACE_IPC) == NAMESPACE_HOST)
                return add_unless_mounted(build, "/dev/shm", "bind", "/dev/shm", "rbind,rprivate,nosuid,noexec,nodev");
        options = text_format("rprivate,nosuid,noexec,nodev,mode=1777,size=%" PRIu64 "%s", size,
                              all_read_only(build->container) ? ",ro" : "");
        return options ? add_unless_mounted(build, "/dev/shm", "tmpfs", "shm", options) : -ENOMEM;
}

/* The container's group is below the unit's, which has the limits; its own say "max". So that
 * programs which size themselves by memory.max or cpu.max do it right, the unit's files are shown
 * in their place. They are the very same files: what set-property changes is seen at once, and no
 * limit of the inner group holds back a higher one of the unit's. */
static int add_limits(SpecBuild *build) {
        _cleanup_free_ char *group = build->cgroups_path ? path_dirname(build->cgroups_path) : NULL;
        int r = 0;

        if (!build->facts->cgroup_unified || !build->cgroups_path ||
            namespace_kind(build->container, build->facts, OCI_NAMESPACE_CGROUP) != NAMESPACE_PRIVATE)
                return 0;
        if (!group)
                return -ENOMEM;
        for (size_t i = 0; i < build->facts->limit_files.count && r >= 0; i++) {
                const char *name = build->facts->limit_files.items[i];
                _cleanup_free_ char *source = text_format("/sys/fs/cgroup%s/%s", group, name);
                _cleanup_free_ char *destination = text_format("/sys/fs/cgroup/%s", name);

                if (!source || !destination)
                        return -ENOMEM;
                r = add_unless_mounted(build, destination, "bind", source,
                                       "bind,private,ro,nosuid,noexec,nodev,relatime");
        }
        return r;
}

static int add_cgroup(SpecBuild *build) {
        bool writable = cgroup_is_writable(build->container, build->facts);
        bool by_user = mount_list_find(&build->mounts, "/sys/fs/cgroup");
        _cleanup_free_ char *source = NULL;
        int r;

        r = add_unless_mounted(build, "/sys/fs/cgroup", "cgroup", "cgroup",
                               writable ? "rprivate,nosuid,noexec,nodev,relatime,rw"
                                        : "rprivate,nosuid,noexec,nodev,relatime,ro");
        if (r >= 0 && !by_user)
                r = add_limits(build);
        if (r < 0 || writable || !container_runs_systemd(build->container) || !build->cgroups_path)
                return r;

        /* Without a cgroup namespace systemd may write to its own groups only: in v1 to those of
         * its own hierarchy, as libpod did, in v2 at their place in the host's tree, as
         * systemd-nspawn(1) did before there were cgroup namespaces. */
        source = path_join(build->facts->cgroup_unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/systemd",
                           build->cgroups_path);
        if (!source)
                return -ENOMEM;
        return add_unless_mounted(build, build->facts->cgroup_unified ? source : "/sys/fs/cgroup/systemd", "bind",
                                  source, "bind,private,nosuid,noexec,nodev");
}

/* What shows a namespace. One that belongs to a user namespace other than the container's cannot be
 * shown anew, and is bound from the host, as podman has it. */
static int add_namespace_mount(SpecBuild *build, OciNamespace namespace, const char *destination, const char *type,
                               const char *options) {
        _cleanup_free_ char *bound = NULL;

        if (namespace_is_owned(build->container, build->facts, namespace))
                return add_unless_mounted(build, destination, type, type, options);
        bound = text_format("rbind,rprivate,%s", options);
        return bound ? add_unless_mounted(build, destination, "bind", destination, bound) : -ENOMEM;
}

/* Terminals are the group tty's, which may have no number in a small user namespace. */
static int add_devpts(SpecBuild *build) {
        enum { TTY_GID = 5 };
        uint32_t user_ids = build->facts->user_ids;
        bool mapped = !has_user_namespace(build->container, build->facts) ? user_ids == 0 || user_ids > TTY_GID :
                      id_map_to_outside(&build->facts->gid_map, TTY_GID, &(uint32_t) { 0 }) == 0;

        return add_unless_mounted(build, "/dev/pts", "devpts", "devpts",
                                  mapped ? "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5"
                                         : "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620");
}

static int add_standard(SpecBuild *build) {
        const char *dev = all_read_only(build->container) ? "nosuid,strictatime,mode=755,size=65536k,ro" :
                                                            "nosuid,strictatime,mode=755,size=65536k";
        const char *sys = build->container->privileged ? "nosuid,noexec,nodev,rw" : "nosuid,noexec,nodev,ro";
        int r;

        if ((r = add_namespace_mount(build, OCI_NAMESPACE_PID, "/proc", "proc", "nosuid,noexec,nodev")) < 0 ||
            (r = add_unless_mounted(build, "/dev", "tmpfs", "tmpfs", dev)) < 0 ||
            (r = add_devpts(build)) < 0 ||
            (r = add_namespace_mount(build, OCI_NAMESPACE_IPC, "/dev/mqueue", "mqueue", "nosuid,noexec,nodev")) < 0 ||
            (r = add_shm(build)) < 0 ||
            (r = add_namespace_mount(build, OCI_NAMESPACE_NETWORK, "/sys", "sysfs", sys)) < 0)
                return r;
        if (build->container->security_label_nested && build->facts->selinux.process) {
                r = add_unless_mounted(build, SELINUX_DIRECTORY, "bind", SELINUX_DIRECTORY,
                                       "bind,private,nosuid,noexec,rw");
                if (r < 0)
                        return r;
        }
        return add_cgroup(build);
}

/* What an image calls its volumes lives as long as the container, in its overlay. Where the root is
 * read-only, each is a mount of its own that is not. The destination has no symlink any more, so
 * what is mounted cannot be outside. */
static int add_image_volumes(SpecBuild *build) {
        const StringList *volumes = &build->container->image_volumes;
        int r = 0;

        if (build->container->image_volume == IMAGE_VOLUMES_TMPFS) {
                for (size_t i = 0; i < volumes->count && r >= 0; i++)
                        r = add_unless_mounted(build, volumes->items[i], "tmpfs", "tmpfs", "rprivate,rw,nodev,exec");
                return r;
        }
        for (size_t i = 0; build->container->read_only && i < volumes->count; i++) {
                _cleanup_free_ char *source = path_join(build->facts->rootfs,
                                                        facts_resolve(build->facts, volumes->items[i]) + 1);

                r = source ? add_unless_mounted(build, volumes->items[i], "bind", source,
                                                "bind,rprivate,rw,nosuid,nodev")
                           : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A secret that is a file; "SOURCE:DESTINATION", of which the source is below the bundle and has no
 * colon. */
static int add_secret(SpecBuild *build, const char *item) {
        const char *colon = strchrnul(item, ':'), *destination = *colon ? colon + 1 : item;
        _cleanup_free_ char *source = strndup(item, (size_t) (colon - item));

        if (!source)
                return -ENOMEM;
        if (mount_list_find(&build->mounts, destination)) {
                build_error(build, KEY_Container_Secret, "there is another mount at %s", destination);
                return 0;
        }
        return mount_list_add(&build->mounts, destination, "bind", source, "bind,private,ro,nosuid,noexec,nodev", NULL);
}

/* The generated files, in the same way. */
static int add_bind_file(SpecBuild *build, const char *item) {
        const char *options = build->container->read_only ? "bind,private,ro,nosuid,noexec,nodev" : "bind,private";
        const char *colon = strchrnul(item, ':'), *destination = facts_resolve(build->facts, *colon ? colon + 1 : item);
        const OciMount *other = mount_list_find(&build->mounts, destination);
        _cleanup_free_ char *source = strndup(item, (size_t) (colon - item));

        if (!source)
                return -ENOMEM;
        if (other && other->by_user)
                diagnose_warning(build->diagnostics, &other->where, "this mount replaces the generated %s",
                                 destination);
        if (other)
                return 0;
        return mount_list_add(&build->mounts, destination, "bind", source, options, NULL);
}

/* Of a device by the container device interface, "TYPE:SOURCE:DESTINATION:OPTIONS". */
static int add_device_mount(SpecBuild *build, const char *item) {
        _cleanup_string_list_ StringList parts = {};
        const OciMount *other;
        int r;

        r = string_list_add_split(&parts, item, strlen(item), ":");
        if (r < 0 || parts.count < 3)
                return r < 0 ? r : -EINVAL;
        other = mount_list_find(&build->mounts, parts.items[2]);
        if (other && other->by_user)
                diagnose_warning(build->diagnostics, &other->where, "this mount replaces a device's, %s",
                                 parts.items[2]);
        if (other)
                return 0;
        return mount_list_add(&build->mounts, parts.items[2], streq(parts.items[0], "tmpfs") ? "tmpfs" : "bind",
                              parts.items[1], parts.count > 3 ? parts.items[3] : "", NULL);
}

static int add_generated(SpecBuild *build) {
        const Facts *facts = build->facts;
        int r = 0;

        for (size_t i = 0; i < facts->secret_files.count && r == 0; i++)
                r = add_secret(build, facts->secret_files.items[i]);
        for (size_t i = 0; i < facts->bind_files.count && r == 0; i++)
                r = add_bind_file(build, facts->bind_files.items[i]);
        for (size_t i = 0; i < facts->device_mounts.count && r == 0; i++)
                r = add_device_mount(build, facts->device_mounts.items[i]);
        if (r == 0 && build->container->run_init && !facts->init_program)
                build_error(build, KEY_Container_RunInit, "RunInit= needs the program catatonit");
        else if (r == 0 && build->container->run_init)
                r = mount_list_add(&build->mounts, INIT_DESTINATION, "bind", facts->init_program,
                                   "bind,private,ro,nosuid,nodev", NULL);
        return r;
}

int compute_mounts(SpecBuild *build) {
        int r;

        if ((r = add_user_mounts(build)) < 0 ||
            (r = add_standard(build)) < 0 ||
            (r = add_image_volumes(build)) < 0 ||
            (r = add_writable_places(build)) < 0 ||
            (r = add_device_mounts(build)) < 0 ||
            (r = add_generated(build)) < 0)
                return r;
        mount_list_sort(&build->mounts);
        return 0;
}
