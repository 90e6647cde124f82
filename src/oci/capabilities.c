/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The capability sets of the container's first process. */
#include "oci/capabilities.h"

#include <linux/capability.h>

#include "config/value/values.h"
#include "oci/confine/confine.h"

#define BIT(capability) (UINT64_C(1) << (capability))

/* What a container has unless the file says otherwise; the same as podman's. */
#define DEFAULT_CAPABILITIES                                                                                           \
        (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) |                  \
         BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) | BIT(CAP_SETUID) |         \
         BIT(CAP_SYS_CHROOT))

int capability_number(const char *name) {
        size_t count;
        const char *const *names = capability_names(&count);

        for (size_t i = 0; i < count; i++)
                if (streq(names[i], name))
                        return (int) i;
        return -1;
}

static uint64_t mask_of(const StringList *list) {
        size_t count;
        const char *const *names = capability_names(&count);
        uint64_t mask = 0;

        for (size_t i = 0; i < count; i++)
                if (string_list_contains(list, names[i]))
                        mask |= BIT(i);
        return mask;
}

static void report_lacking(const SpecBuild *build, uint64_t mask) {
        size_t count;
        const char *const *names = capability_names(&count);

        for (size_t i = 0; i < count; i++)
                if (mask & BIT(i))
                        build_error(build, KEY_Container_AddCapability, "this machine does not grant %s", names[i]);
}

/* A systemd reboots by reboot(2), which in a PID namespace of its own ends it, and says how. What
 * else the capability would allow, kexec, is the machine's, and nobody's in a user namespace; and
 * the default filter forbids it. */
static bool may_reboot(const SpecBuild *build) {
        const Container *container = build->container;

        return container_runs_systemd(container) && container->pid_ns.kind == NAMESPACE_PRIVATE &&
               (build->facts->uid_map.count > 0 || (build->facts->seccomp && !container->seccomp_profile));
}

int capabilities_compute(const SpecBuild *build, CapabilitySets *ret) {
        const Container *container = build->container;
        const uint64_t machine = build->facts->capabilities;
        const uint64_t add = mask_of(&container->add_capability), drop = mask_of(&container->drop_capability);
        bool add_all = string_list_contains(&container->add_capability, "all");
        bool drop_all = string_list_contains(&container->drop_capability, "all");
        uint64_t base = container->privileged || add_all ? machine : DEFAULT_CAPABILITIES & machine, added, left;
        int r = confine_capabilities(&container->unit, &left);

        if (r < 0)
                return r;
        if (may_reboot(build))
                base |= BIT(CAP_SYS_BOOT) & machine;
        base = drop_all ? 0 : base & ~drop;
        added = add_all ? base : add & machine;
        report_lacking(build, add & ~machine);

        /* A user other than root loses the rest at execve(2) anyway, and gets what was asked for
         * only if it is ambient. */
        *ret = (CapabilitySets) {
                .bounding = (base | added) & left,
                .permitted = (build->facts->uid == 0 ? base | added : added) & left,
                .ambient = build->facts->uid == 0 ? 0 : added & left,
        };
        return 0;
}

static void write_set(Json *json, const char *key, uint64_t mask) {
        size_t count;
        const char *const *names = capability_names(&count);

        json_open_array(json, key);
        for (size_t i = 0; i < count; i++)
                if (mask & BIT(i))
                        json_add_string(json, NULL, names[i]);
        json_close(json);
}

void build_capabilities(SpecBuild *build) {
        const CapabilitySets sets = build->capabilities;

        json_open_object(&build->json, "capabilities");
        write_set(&build->json, "bounding", sets.bounding);
        write_set(&build->json, "effective", sets.permitted);
        write_set(&build->json, "permitted", sets.permitted);
        write_set(&build->json, "inheritable", sets.ambient);
        write_set(&build->json, "ambient", sets.ambient);
        json_close(&build->json);
}
