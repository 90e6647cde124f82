/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Capabilities and paths that [Service] takes away. */
#include "oci/confine/confine.h"

#include <errno.h>
#include <linux/capability.h>

#include "basic/path.h"
#include "config/sandbox-values.h"

#define BIT(capability) (UINT64_C(1) << (capability))

int confine_capabilities(const UnitFile *unit, uint64_t *ret) {
        static const struct {
                const char *key;
                uint64_t capabilities;
        } taken[] = {
                { "ProtectClock", BIT(CAP_SYS_TIME) | BIT(CAP_WAKE_ALARM) },
                { "ProtectKernelModules", BIT(CAP_SYS_MODULE) },
                { "ProtectKernelLogs", BIT(CAP_SYSLOG) },
                { "PrivateDevices", BIT(CAP_MKNOD) | BIT(CAP_SYS_RAWIO) },
        };
        uint64_t mask;
        int r = sandbox_capabilities(unit, &mask);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
                if (sandbox_is_on(unit, taken[i].key))
                        mask &= ~taken[i].capabilities;
        *ret = mask;
        return 0;
}

static int add_once(StringList *list, const char *path) {
        return string_list_contains(list, path) ? 0 : string_list_add(list, path);
}

/* Paths that one setting protects. They end with NULL. */
typedef struct Protection {
        const char *key;
        const char *readonly[10], *masked[3];
} Protection;

static const Protection protections[] = {
        { "ProtectKernelTunables",
          { "/proc/sys", "/proc/sysrq-trigger", "/proc/latency_stats", "/proc/mtrr", "/proc/acpi", "/proc/timer_stats",
            "/proc/fs", "/proc/irq", "/sys", NULL },
          { "/proc/kallsyms", "/proc/kcore", NULL } },
        { "ProtectKernelModules", { NULL }, { "/usr/lib/modules", "/lib/modules", NULL } },
        { "ProtectKernelLogs", { NULL }, { "/proc/kmsg", "/dev/kmsg", NULL } },
        { "ProtectControlGroups", { "/sys/fs/cgroup", NULL }, { NULL } },
};

/* A mount that the file asks for cannot be seen below what is hidden. */
static int mask(SpecBuild *build, const char *key, const char *path) {
        const char *resolved = facts_resolve(build->facts, path);

        for (size_t i = 0; i < build->mounts.count; i++)
                if (build->mounts.items[i].by_user && path_is_below(build->mounts.items[i].destination, resolved))
                        diagnose_error(build->diagnostics, &build->mounts.items[i].where,
                                       "\"%s\" in [Service] would hide this mount at %s", key,
                                       build->mounts.items[i].destination);
        return add_once(&build->masked_paths, resolved);
}

static int protect(SpecBuild *build, const Protection *protection) {
        const Entry *entry = sandbox_find(&build->container->unit, protection->key);
        int r = 0;

        /* Of those with more words than yes, each is at least that. */
        if (!entry || (!sandbox_is_on(&build->container->unit, protection->key) && !streq(entry->value, "private") &&
                       !streq(entry->value, "strict")))
                return 0;
        for (size_t i = 0; protection->readonly[i] && r >= 0; i++)
                r = add_once(&build->readonly_paths, protection->readonly[i]);
        for (size_t i = 0; protection->masked[i] && r >= 0; i++)
                r = mask(build, protection->key, protection->masked[i]);
        return r;
}

/* yes and full; strict is ReadOnly=. */
static int protect_system(SpecBuild *build) {
        static const char *const paths[] = { "/usr", "/boot", "/efi", "/etc" };
        const UnitFile *unit = &build->container->unit;
        bool full = sandbox_says(unit, "ProtectSystem", "full");
        int r = 0;

        if (full || sandbox_is_on(unit, "ProtectSystem"))
                for (size_t i = 0; i < ARRAY_SIZE(paths) - !full && r >= 0; i++)
                        r = add_once(&build->readonly_paths, facts_resolve(build->facts, paths[i]));
        return r;
}

static int add_tmpfs(SpecBuild *build, const char *path, const char *options) {
        const char *resolved = facts_resolve(build->facts, path);

        if (mount_list_find(&build->mounts, resolved))
                return 0;
        return mount_list_add(&build->mounts, resolved, "tmpfs", "tmpfs", options, NULL);
}

static int protect_home(SpecBuild *build) {
        static const char *const homes[] = { "/home", "/root", "/run/user" }, key[] = "ProtectHome";
        const UnitFile *unit = &build->container->unit;
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(homes) && r >= 0; i++)
                if (sandbox_is_on(unit, key))
                        r = mask(build, key, homes[i]);
                else if (sandbox_says(unit, key, "read-only"))
                        r = add_once(&build->readonly_paths, facts_resolve(build->facts, homes[i]));
                else if (sandbox_says(unit, key, "tmpfs"))
                        r = add_tmpfs(build, homes[i], "ro,rprivate,nosuid,nodev,mode=755");
        return r;
}

static int give_tmp(SpecBuild *build) {
        static const char options[] = "rw,rprivate,nosuid,nodev,mode=1777";
        const UnitFile *unit = &build->container->unit;
        int r;

        if (!sandbox_is_on(unit, "PrivateTmp") && !sandbox_says(unit, "PrivateTmp", "disconnected"))
                return 0;
        r = add_tmpfs(build, "/tmp", options);
        return r < 0 ? r : add_tmpfs(build, "/var/tmp", options);
}

/* "hidepid=" and "subset=" of a /proc of the container's own. */
static int restrict_proc(SpecBuild *build) {
        static const char *const settings[][2] = { { "ProtectProc", "hidepid" }, { "ProcSubset", "subset" } };
        OciMount *proc = mount_list_find(&build->mounts, "/proc");

        for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
                const Entry *entry = sandbox_find(&build->container->unit, settings[i][0]);
                int r = 0;

                if (!entry || streq(entry->value, "default") || streq(entry->value, "all"))
                        continue;
                if (proc && streq(proc->type, "proc"))
                        r = string_list_addf(&proc->options, "%s=%s", settings[i][1], entry->value);
                else
                        diagnose_error(build->diagnostics, &entry->where,
                                       "\"%s\" in [Service] needs a /proc of the container's own", settings[i][0]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int is_writable(const SandboxWord *word, void *userdata) {
        const char **path = userdata;

        if (*path && path_is_below(*path, sandbox_path(word->text)))
                *path = NULL;
        return 0;
}

/* What is mounted below a path is read-only with it, unless ReadWritePaths= has it. */
static int add_readonly(const SandboxWord *word, void *userdata) {
        SpecBuild *build = userdata;
        const char *path = facts_resolve(build->facts, sandbox_path(word->text));
        int r = add_once(&build->readonly_paths, path);

        for (size_t i = 0; i < build->mounts.count && r >= 0; i++) {
                const OciMount *item = &build->mounts.items[i];
                const char *destination = item->destination;

                if (!item->by_user || !path_is_below(destination, path))
                        continue;
                r = sandbox_each_word(&build->container->unit, "ReadWritePaths", is_writable, &destination);
                if (r >= 0 && destination)
                        r = add_once(&build->readonly_paths, destination);
        }
        return r;
}

/* Nothing of a read-only root can be made writable again, but what is mounted there is. */
static int check_writable(const SandboxWord *word, void *userdata) {
        SpecBuild *build = userdata;
        const char *path = facts_resolve(build->facts, sandbox_path(word->text));
        bool covered = !build->container->read_only;

        for (size_t i = 0; i < build->readonly_paths.count; i++)
                covered &= !path_is_below(path, build->readonly_paths.items[i]);
        for (size_t i = 0; i < build->mounts.count; i++)
                covered |= path_is_below(path, build->mounts.items[i].destination);
        if (!covered)
                diagnose_error(build->diagnostics, &word->where,
                               "\"ReadWritePaths\" in [Service]: nothing is mounted at %s, and the rest is read-only; "
                               "use Volume= or Tmpfs= in [Container]", path);
        return 0;
}

int confine_paths(SpecBuild *build) {
        const UnitFile *unit = &build->container->unit;
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(protections) && r >= 0; i++)
                r = protect(build, &protections[i]);
        if (r < 0 ||
            (r = protect_system(build)) < 0 ||
            (r = protect_home(build)) < 0 ||
            (r = give_tmp(build)) < 0 ||
            (r = restrict_proc(build)) < 0 ||
            (r = sandbox_each_word(unit, "ReadOnlyPaths", add_readonly, build)) < 0 ||
            (r = sandbox_each_word(unit, "ReadWritePaths", check_writable, build)) < 0)
                return r;
        mount_list_sort(&build->mounts);
        return 0;
}
