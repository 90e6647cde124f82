/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's [Unit] and [Service] cannot say, or do not mean as a reader would think.
 * [Install] is install-links.c's. */
#include "kind/container/container-service.h"

#include <errno.h>

#include "basic/numbers.h"
#include "config/sandbox-values.h"
#include "config/systemd-keys.h"

typedef enum Objection {
        SET_BY_BERTH,     /* an error */
        LEFT_OUT,         /* a warning: the drop-in does not have it */
        NOT_IN_CONTAINER, /* a warning: it is berth's own processes' alone, as with podman */
} Objection;

/* Keys of [Service], and the key of [Container] that does what was meant. */
static const struct Setting {
        const char *name;
        Objection objection;
        const char *instead;
} settings[] = {
        { "ExecStart", SET_BY_BERTH, "Exec" },
        { "Delegate", SET_BY_BERTH, NULL },
        { "DelegateSubgroup", SET_BY_BERTH, NULL },
        { "NotifyAccess", LEFT_OUT, NULL },
        { "PIDFile", SET_BY_BERTH, NULL },
        { "BusName", SET_BY_BERTH, NULL },
        { "GuessMainPID", SET_BY_BERTH, NULL },
        { "SupplementaryGroups", NOT_IN_CONTAINER, "GroupAdd" },
        { "WorkingDirectory", NOT_IN_CONTAINER, "WorkingDir" },
        { "UMask", NOT_IN_CONTAINER, "Umask" },
        { "PAMName", NOT_IN_CONTAINER, NULL },
};

/* Keys of [Service] that win over one of ours, which the generator turns into them. */
static const struct Overruling {
        const char *name;
        KeyId key;
} overrulings[] = {
        { "TimeoutStopSec", KEY_Container_StopTimeout }, { "TimeoutSec", KEY_Container_StopTimeout },
        { "KillSignal", KEY_Container_StopSignal },      { "TasksMax", KEY_Container_PidsLimit },
        { "MemoryMax", KEY_Container_Memory },           { "SyslogIdentifier", KEY_Container_LogOpt },
};

static void object(const struct Setting *setting, const Entry *entry, Diagnostics *diagnostics) {
        static const char *const reasons[] = {
                [SET_BY_BERTH] = "is set by berth",
                [LEFT_OUT] = "is set by berth, and has no effect",
                [NOT_IN_CONTAINER] = "applies to the runtime, not to the container",
        };
        const char *reason = reasons[setting->objection];
        bool harmless = setting->objection != SET_BY_BERTH;
        int (*diagnose)(Diagnostics *, const Location *, const char *, ...) _printf_(3, 4) =
                harmless ? diagnose_warning : diagnose_error;

        if (setting->instead)
                diagnose(diagnostics, &entry->where, "\"%s\" in [Service] %s; use %s= in [Container]", entry->key,
                         reason, setting->instead);
        else
                diagnose(diagnostics, &entry->where, "\"%s\" in [Service] %s", entry->key, reason);
}

/* What every container has, unless the file says that this one is to be without. */
static void check_given(const Container *container, const Entry *entry, Diagnostics *diagnostics) {
        const struct {
                const char *name;
                KeyId key;
                bool taken_away;
        } given[] = {
                { "PrivateIPC", KEY_Container_IpcNS, container->ipc_ns.kind == NAMESPACE_HOST },
                { "PrivatePIDs", KEY_Container_PidNS, container->pid_ns.kind == NAMESPACE_HOST },
                { "PrivateDevices", KEY_Container_Privileged, container->privileged },
        };

        for (size_t i = 0; i < ARRAY_SIZE(given); i++)
                if (given[i].taken_away && streq(given[i].name, entry->key) &&
                    sandbox_is_on(&container->unit, entry->key))
                        diagnose_error(diagnostics, &entry->where, "\"%s\" in [Service] and \"%s\" exclude each other",
                                       entry->key, keys[given[i].key].name);
}

static void check_setting(const Container *container, const Entry *entry, Diagnostics *diagnostics) {
        const SandboxKey *key = sandbox_key_find(entry->key);

        if (key) {
                sandbox_check(key, entry, diagnostics);
                check_given(container, entry, diagnostics);
                return;
        }
        /* GroupAdd=keep-groups hands them on. */
        if (streq(entry->key, "SupplementaryGroups") && container_keeps_groups(container))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
                if (streq(settings[i].name, entry->key))
                        object(&settings[i], entry, diagnostics);
        for (size_t i = 0; i < ARRAY_SIZE(overrulings); i++)
                if (streq(overrulings[i].name, entry->key) && container->set.entry[overrulings[i].key])
                        diagnose_warning(diagnostics, &entry->where, "\"%s\" in [Service] wins over \"%s\"", entry->key,
                                         keys[overrulings[i].key].name);
}

static void check_type(const Container *container, const Entry *entry, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);

        if (!streq(entry->value, "notify") && !streq(entry->value, "oneshot") && !streq(entry->value, "notify-reload"))
                diagnose_error(diagnostics, &where,
                               "\"Type\" in [Service] must be notify, notify-reload or oneshot, not \"%s\"",
                               entry->value);
        else if (streq(entry->value, "notify-reload") && container->notify != NOTIFY_YES)
                diagnose_error(diagnostics, &where,
                               "Type=notify-reload in [Service] needs Notify=yes: the container itself says when it "
                               "has reloaded");
}

/* Else nobody would tell systemd that the container is alive. */
static void check_watchdog(const Container *container, const Entry *entry, Diagnostics *diagnostics) {
        if (container->notify != NOTIFY_YES && !streq(entry->value, "0") && !streq(entry->value, "infinity"))
                diagnose_error(diagnostics, &entry->where,
                               "\"WatchdogSec\" in [Service] needs Notify=yes: the container itself says that it is "
                               "alive");
}

static void check_value(const Entry *entry, const char *one, const char *other, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);

        if (!streq(entry->value, one) && !streq(entry->value, other))
                diagnose_error(diagnostics, &where, "\"%s\" in [Service] must be %s or %s, not \"%s\"", entry->key, one,
                               other, entry->value);
}

static void check_service_entry(const Container *container, const Entry *entry, Diagnostics *diagnostics) {
        bool remain = false;

        check_setting(container, entry, diagnostics);
        if (streq(entry->key, "Type"))
                check_type(container, entry, diagnostics);
        else if (streq(entry->key, "WatchdogSec"))
                check_watchdog(container, entry, diagnostics);
        else if (streq(entry->key, "KillMode"))
                check_value(entry, "mixed", "control-group", diagnostics);
        else if (streq(entry->key, "RemainAfterExit") && text_to_bool(entry->value, &remain) >= 0 && remain &&
                 !container_is_oneshot(container))
                diagnose_error(diagnostics, &entry->where, "\"RemainAfterExit\" in [Service] needs Type=oneshot");
}

/* An empty assignment takes back what was said before, also what the template says. */
static void check_reset(const Entry *entry, Diagnostics *diagnostics) {
        static const char *const own[] = { "ExecStartPost", "ExecStop", "ExecStopPost" };
        bool is_own = false;

        for (size_t i = 0; i < ARRAY_SIZE(own); i++)
                is_own |= streq(entry->key, own[i]);
        if (streq(entry->section, "Service") && is_own)
                diagnose_error(diagnostics, &entry->where,
                               "an empty \"%s\" in [Service] would drop berth's own commands", entry->key);
}

void container_check_service(const Container *container, Diagnostics *diagnostics) {
        (void) sandbox_check_values(&container->unit, diagnostics);
        for (size_t i = 0; i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (!*entry->value) {
                        check_reset(entry, diagnostics);
                        continue;
                }
                if (streq(entry->section, "Service"))
                        check_service_entry(container, entry, diagnostics);
                if (streq(entry->section, "Unit") || streq(entry->section, "Service"))
                        check_systemd_section(entry, "Container", diagnostics);
        }
}
