/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What [Unit] and [Service] of a file whose unit runs a command of berth's cannot say. */
#include "kind/helper-service.h"

#include "basic/numbers.h"
#include "basic/text.h"
#include "config/systemd-keys.h"

bool helper_service_restarts_for_ever(const Entry *entry) {
        return streq(entry->key, "Restart") && (streq(entry->value, "always") || streq(entry->value, "on-success"));
}

static bool is_one_of(const char *key, const char *const names[], size_t count) {
        for (size_t i = 0; i < count; i++)
                if (streq(key, names[i]))
                        return true;
        return false;
}

static void check_own(const Entry *entry, Diagnostics *diagnostics) {
        static const char *const set_by_berth[] = { "ExecStart",    "BusName",      "PIDFile",
                                                    "NotifyAccess", "GuessMainPID", "WatchdogSec" };
        static const char *const identities[] = { "User", "Group", "DynamicUser", "RootDirectory", "RootImage" };

        if (is_one_of(entry->key, set_by_berth, ARRAY_SIZE(set_by_berth)))
                diagnose_error(diagnostics, &entry->where, "\"%s\" in [Service] is set by berth", entry->key);
        else if (is_one_of(entry->key, identities, ARRAY_SIZE(identities)))
                diagnose_error(diagnostics, &entry->where,
                               "\"%s\" in [Service] would apply to berth's own command, which needs root and the "
                               "machine's files",
                               entry->key);
}

/* What systemd would refuse the whole unit for. */
static void check_kind(const Entry *entry, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);

        if (streq(entry->key, "Type") && !streq(entry->value, "oneshot"))
                diagnose_error(diagnostics, &where, "\"Type\" in [Service] must be oneshot, not \"%s\"", entry->value);
        if (helper_service_restarts_for_ever(entry))
                diagnose_warning(diagnostics, &where,
                                 "\"Restart\" in [Service] cannot be %s, as a oneshot would never be done; it is taken "
                                 "as on-failure",
                                 entry->value);
}

/* A service with any of these has a mount namespace of its own, and what is mounted in there stays
 * there. */
static void check_mount(const Entry *entry, Diagnostics *diagnostics) {
        static const char *const keys_of_namespaces[] = {
                "PrivateTmp",
                "PrivateDevices",
                "PrivateMounts",
                "PrivateNetwork",
                "PrivateIPC",
                "ProtectSystem",
                "ProtectHome",
                "ProtectHostname",
                "ProtectKernelTunables",
                "ProtectKernelModules",
                "ProtectKernelLogs",
                "ProtectControlGroups",
                "ProtectProc",
                "ProcSubset",
                "ReadWritePaths",
                "ReadOnlyPaths",
                "InaccessiblePaths",
                "ExecPaths",
                "NoExecPaths",
                "BindPaths",
                "BindReadOnlyPaths",
                "TemporaryFileSystem",
                "MountFlags",
                "MountImages",
                "ExtensionImages",
                "ExtensionDirectories",
        };
        bool yes = true;

        if (!is_one_of(entry->key, keys_of_namespaces, ARRAY_SIZE(keys_of_namespaces)) ||
            (text_to_bool(entry->value, &yes) >= 0 && !yes))
                return;
        diagnose_error(diagnostics, &entry->where,
                       "\"%s\" in [Service] would hide what is mounted on the volume from everybody else", entry->key);
}

static void check_remain(const Section *section, const Entry *entry, Diagnostics *diagnostics) {
        bool network = section->file_type == FILE_NETWORK, remain;

        /* The command after the end would remove it. */
        if (streq(entry->key, "RemainAfterExit") && text_to_bool(entry->value, &remain) >= 0 && !remain)
                diagnose_error(diagnostics, &entry->where,
                               "\"RemainAfterExit\" in [Service] must be yes: else the %s at once",
                               network ? "network would be removed" : "pod would end");
}

static void check_volume(const Section *section, const Entry *entry, Diagnostics *diagnostics) {
        bool remain;

        /* The command after the end would unmount it. */
        if (streq(entry->key, "RemainAfterExit") && text_to_bool(entry->value, &remain) >= 0 && !remain)
                diagnose_error(diagnostics, &entry->where,
                               "\"RemainAfterExit\" in [Service] must be yes: else the volume would be unmounted at "
                               "once");
        if (section->set.entry[KEY_Volume_Device])
                check_mount(entry, diagnostics);
}

/* An empty assignment takes back what was said before, also what the template says. */
static void check_reset(const Section *section, const Entry *entry, Diagnostics *diagnostics) {
        if (streq(entry->key, "ExecStart") || (section->file_type != FILE_IMAGE && streq(entry->key, "ExecStopPost")))
                diagnose_error(diagnostics, &entry->where,
                               "an empty \"%s\" in [Service] would drop berth's own commands", entry->key);
}

void check_helper_service(const Section *section, Diagnostics *diagnostics) {
        for (size_t i = 0; i < section->unit.count; i++) {
                const Entry *entry = &section->unit.entries[i];
                bool service = streq(entry->section, "Service");

                if (!*entry->value) {
                        if (service)
                                check_reset(section, entry, diagnostics);
                        continue;
                }
                if (service) {
                        check_own(entry, diagnostics);
                        check_kind(entry, diagnostics);
                        if (section->file_type == FILE_NETWORK || section->file_type == FILE_POD)
                                check_remain(section, entry, diagnostics);
                        if (section->file_type == FILE_VOLUME)
                                check_volume(section, entry, diagnostics);
                }
                if (service || streq(entry->section, "Unit"))
                        check_systemd_section(entry, file_type_section(section->file_type), diagnostics);
        }
}
