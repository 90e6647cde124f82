/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which paths of /proc and /sys are hidden or protected. */
#include "oci/paths.h"

#include <fnmatch.h>

#include "oci/oci-namespaces.h"

/* What tells of, or reaches, the whole machine and not the container; the same as podman's. */
static const char *const masked[] = {
        "/proc/acpi",          "/proc/interrupts",
        "/proc/kcore",         "/proc/keys",
        "/proc/latency_stats", "/proc/sched_debug",
        "/proc/scsi",          "/proc/timer_list",
        "/proc/timer_stats",   "/sys/devices/virtual/powercap",
        "/sys/firmware",       SELINUX_DIRECTORY,
};
static const char *const readonly[] = {
        "/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

bool path_is_unmasked(const Container *container, const char *path) {
        for (size_t i = 0; i < container->unmask.count; i++) {
                const char *pattern = container->unmask.items[i];

                if (streq(pattern, "ALL") || fnmatch(pattern, path, FNM_PATHNAME) == 0)
                        return true;
        }
        return false;
}

/* SELinux's file system is there for a container that handles labels itself. */
static bool is_masked(const Container *container, const char *path) {
        return !path_is_unmasked(container, path) &&
               !(container->security_label_nested && streq(path, SELINUX_DIRECTORY));
}

bool cgroup_is_writable(const Container *container, const Facts *facts) {
        /* Without a namespace of its own a systemd would see every group of the host; it gets its
         * own ones only, see mounts.c. */
        bool own = facts->cgroup_unified && namespace_kind(container, facts, OCI_NAMESPACE_CGROUP) == NAMESPACE_PRIVATE;

        return container->privileged || path_is_unmasked(container, "/sys/fs/cgroup") ||
               (own && container_runs_systemd(container));
}

static int add_defaults(const Container *container, const char *const paths[], size_t count, StringList *list) {
        for (size_t i = 0; i < count; i++) {
                int r = is_masked(container, paths[i]) ? string_list_add(list, paths[i]) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_masks(SpecBuild *build) {
        const StringList *mask = &build->container->mask;

        for (size_t i = 0; i < mask->count; i++) {
                const char *path = mask->items[i];

                if (!string_list_contains(&build->masked_paths, path)) {
                        int r = string_list_add(&build->masked_paths, path);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

int compute_paths(SpecBuild *build) {
        const Container *container = build->container;
        int r;

        if (!container->privileged) {
                if ((r = add_defaults(container, masked, ARRAY_SIZE(masked), &build->masked_paths)) < 0 ||
                    (r = add_defaults(container, readonly, ARRAY_SIZE(readonly), &build->readonly_paths)) < 0)
                        return r;
        }
        return add_masks(build);
}

void build_paths(SpecBuild *build) {
        json_add_strings(&build->json, "maskedPaths", &build->masked_paths);
        json_add_strings(&build->json, "readonlyPaths", &build->readonly_paths);
}
