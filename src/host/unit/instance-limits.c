/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits of a unit that has no drop-in, set while it starts. */
#include "host/unit/instance-limits.h"

#include <errno.h>
#include <inttypes.h>

#include "basic/process.h"
#include "basic/text.h"
#include "config/sandbox.h"
#include "host/unit/unit.h"
#include "source/unit-name.h"

/* Settings of [Service] that systemd takes for a unit that is there already; see
 * systemd.resource-control(5). */
static bool can_be_set(const char *key) {
        static const char *const settable[] = {
                "AllowedCPUs", "AllowedMemoryNodes", "CPUQuota", "CPUQuotaPeriodSec", "CPUWeight", "IODeviceWeight",
                "IOReadBandwidthMax", "IOReadIOPSMax", "IOWeight", "IOWriteBandwidthMax", "IOWriteIOPSMax",
                "IPAddressAllow", "IPAddressDeny", "ManagedOOMSwap", "MemoryHigh", "MemoryLow", "MemoryMax",
                "MemoryMin", "MemorySwapMax", "MemoryZSwapMax", "SocketBindAllow", "SocketBindDeny", "TasksMax",
        };

        for (size_t i = 0; i < ARRAY_SIZE(settable); i++)
                if (streq(settable[i], key))
                        return true;
        return false;
}

/* What the container's own keys become. */
static int add_own(const Container *container, StringList *settings) {
        const KeysSet *set = &container->set;
        uint64_t memory = container->memory_bytes;
        int r = 0;

        if (set->entry[KEY_Container_PidsLimit])
                r = container->pids_limit < 0 ? string_list_add(settings, "TasksMax=infinity")
                                              : string_list_addf(settings, "TasksMax=%" PRId64, container->pids_limit);
        if (r < 0 || !set->entry[KEY_Container_Memory] || memory == 0 || memory == SIZE_UNSET)
                return r;
        r = string_list_addf(settings, "MemoryMax=%" PRIu64, memory);
        return r < 0 ? r : string_list_addf(settings, "MemorySwapMax=%" PRIu64, memory);
}

/* "50%" has none. */
static bool has_specifier(const char *value) {
        for (const char *p = strchr(value, '%'); p; p = strchr(p + 1, '%'))
                if (p[1] && !strchr(" \t", p[1]))
                        return true;
        return false;
}

/* What [Service] says; the rest is named in `others`. */
static int add_said(const Container *container, StringList *settings, Text *others) {
        const UnitFile *unit = &container->unit;
        int r = 0;

        for (size_t i = 0; i < unit->count && r >= 0; i++) {
                const Entry *entry = &unit->entries[i];

                if (!streq(entry->section, "Service") || !sandbox_key_is_passed_on(entry->key))
                        continue;
                if (can_be_set(entry->key) && !has_specifier(entry->value))
                        r = string_list_addf(settings, "%s=%s", entry->key, entry->value);
                else
                        text_appendf(others, "%s%s=", others->length > 0 ? ", " : "", entry->key);
        }
        return r < 0 ? r : others->failed ? -ENOMEM : 0;
}

static int set_properties(const char *unit_name, const StringList *settings) {
        _cleanup_free_ const char **command = calloc(settings->count + 5, sizeof(*command));
        size_t n = 0;
        int r;

        if (!command)
                return -ENOMEM;
        command[n++] = "systemctl";
        command[n++] = "--runtime";
        command[n++] = "set-property";
        command[n++] = unit_name;
        for (size_t i = 0; i < settings->count; i++)
                command[n++] = settings->items[i];
        r = process_run(command, NULL, 0);
        return r > 0 ? -EPROTO : r;
}

int instance_limits_apply(const Container *container, Diagnostics *diagnostics) {
        const Location where = { .file = container->path };
        _cleanup_string_list_ StringList settings = {};
        _cleanup_text_ Text others = {};
        int r;

        if (!strchr(container->stem, '@'))
                return 0;
        r = unit_has_drop_in(container->unit_name, UNIT_DROP_IN_NAME);
        if (r != 0)
                return r < 0 ? r : 0;
        r = add_own(container, &settings);
        if (r >= 0)
                r = add_said(container, &settings, &others);
        if (r >= 0 && others.length > 0)
                diagnose_warning(diagnostics, &where,
                                 "%s was started by its name, without having been enabled, and systemd has not been "
                                 "told of %s in [Service]; systemctl enable, and daemon-reload, make them count",
                                 container->unit_name, others.data);
        if (r >= 0 && settings.count > 0)
                r = set_properties(container->unit_name, &settings);
        return r < 0 ? r : 0;
}
