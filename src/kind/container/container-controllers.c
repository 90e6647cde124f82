/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of a file's limits have no controller. */
#include "kind/container/container-controllers.h"

#include "basic/text.h"

/* Keys of [Service] and the controller that each needs, as systemd.resource-control(5) has them. */
static const struct {
        const char *key, *controller;
} limits[] = {
        { "AllowedCPUs", "cpuset" },
        { "AllowedMemoryNodes", "cpuset" },
        { "CPUQuota", "cpu" },
        { "CPUWeight", "cpu" },
        { "IODeviceLatencyTargetSec", "io" },
        { "IODeviceWeight", "io" },
        { "IOReadBandwidthMax", "io" },
        { "IOReadIOPSMax", "io" },
        { "IOWeight", "io" },
        { "IOWriteBandwidthMax", "io" },
        { "IOWriteIOPSMax", "io" },
        { "MemoryHigh", "memory" },
        { "MemoryLow", "memory" },
        { "MemoryMax", "memory" },
        { "MemoryMin", "memory" },
        { "MemorySwapMax", "memory" },
        { "MemoryZSwapMax", "memory" },
        { "TasksMax", "pids" },
};

static const char *find_controller(const char *key) {
        const char *while_starting = startswith(key, "Startup"), *name = while_starting ? while_starting : key;

        for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
                if (streq(limits[i].key, name))
                        return limits[i].controller;
        return NULL;
}

static void check_limit(const char *what, const char *controller, const Location *where,
                        const Controllers *controllers, Diagnostics *diagnostics) {
        if (string_list_contains(&controllers->delegated, controller))
                return;
        if (string_list_contains(&controllers->of_machine, controller))
                diagnose_warning(diagnostics, where,
                                 "%s has no effect: the controller \"%s\" is not delegated to the user's service "
                                 "manager; for all controllers, root can write Delegate=yes to [Service] of a "
                                 "drop-in (systemctl edit user@.service), which counts when the user's manager is "
                                 "started again",
                                 what, controller);
        else
                diagnose_warning(diagnostics, where,
                                 "%s has no effect: this machine has no controller \"%s\" (/sys/fs/cgroup/"
                                 "cgroup.controllers)",
                                 what, controller);
}

static void check_own(const Container *container, const Controllers *controllers, Diagnostics *diagnostics) {
        Location memory = container_where(container, KEY_Container_Memory),
                 pids = container_where(container, KEY_Container_PidsLimit);

        if (memory.file && container->memory_bytes != 0 && container->memory_bytes != SIZE_UNSET)
                check_limit("\"Memory\"", "memory", &memory, controllers, diagnostics);
        if (pids.file && container->pids_limit > 0)
                check_limit("\"PidsLimit\"", "pids", &pids, controllers, diagnostics);
}

/* Of one key, a later line counts or adds to an earlier one, and an empty one takes it back. */
static bool is_last(const UnitFile *unit, size_t i) {
        for (size_t j = i + 1; j < unit->count; j++)
                if (streq(unit->entries[j].section, "Service") && streq(unit->entries[j].key, unit->entries[i].key))
                        return false;
        return true;
}

void container_check_controllers(const Container *container, const Controllers *controllers, Diagnostics *diagnostics) {
        const UnitFile *unit = &container->unit;

        check_own(container, controllers, diagnostics);
        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];
                const char *controller = streq(entry->section, "Service") ? find_controller(entry->key) : NULL;
                _cleanup_free_ char *what = NULL;

                if (!controller || !*entry->value || streq(entry->value, "infinity") || !is_last(unit, i))
                        continue;
                what = text_format("\"%s\" in [Service]", entry->key);
                check_limit(what ? what : entry->key, controller, &entry->where, controllers, diagnostics);
        }
}

void controllers_done(Controllers *controllers) {
        string_list_done(&controllers->of_machine);
        string_list_done(&controllers->delegated);
}
