/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits of a unit that has no drop-in, set while it starts. */
#include "host/unit/instance-limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "config/sandbox.h"
#include "source/places.h"
#include "source/unit-name.h"

/* Settings of [Service] that systemd takes for a unit that is there already; see
 * systemd.resource-control(5). `none` is what takes one back: to set-property, an empty value is no
 * limit, which is something else for some. */
static const struct {
        const char *key, *none;
} settable[] = {
        { "AllowedCPUs", "" },      { "AllowedMemoryNodes", "" }, { "CPUQuota", "" },
        { "CPUQuotaPeriodSec", "" }, { "CPUWeight", "" },         { "IODeviceWeight", "" },
        { "IOReadBandwidthMax", "" }, { "IOReadIOPSMax", "" },    { "IOWeight", "" },
        { "IOWriteBandwidthMax", "" }, { "IOWriteIOPSMax", "" },  { "IPAddressAllow", "" },
        { "IPAddressDeny", "" },    { "ManagedOOMSwap", "auto" }, { "MemoryHigh", "" },
        { "MemoryLow", "0" },       { "MemoryMax", "" },          { "MemoryMin", "0" },
        { "MemorySwapMax", "" },    { "MemoryZSwapMax", "" },     { "SocketBindAllow", "" },
        { "SocketBindDeny", "" },   { "TasksMax", "2048" /* container@.service's */ },
};

static bool can_be_set(const char *key) {
        for (size_t i = 0; i < ARRAY_SIZE(settable); i++)
                if (streq(settable[i].key, key))
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

/* What was set at an earlier start stays with systemd until the machine is booted anew, also when
 * the file says it no more. So a note is kept of it, by which it is known from what people set. */

static char *note_path(const Container *container) {
        return path_join(place_path(PLACE_LIMIT_NOTES), container->stem);
}

static int read_note(const Container *container, StringList *ret_keys) {
        _cleanup_free_ char *path = note_path(container), *text = NULL;
        enum { LONGEST = 64 * 1024 };
        size_t size;
        int r = path ? read_file_at(AT_FDCWD, path, LONGEST, &text, &size) : -ENOMEM;

        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : string_list_add_split(ret_keys, text, size, "\n");
}

static int write_note(const Container *container, const StringList *settings) {
        _cleanup_free_ char *path = note_path(container);
        _cleanup_text_ Text text = {};
        int r;

        if (!path)
                return -ENOMEM;
        if (settings->count == 0)
                return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
        for (size_t i = 0; i < settings->count; i++)
                text_appendf(&text, "%.*s\n", (int) strcspn(settings->items[i], "="), settings->items[i]);
        if (text.failed)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, place_path(PLACE_LIMIT_NOTES), 0700);
        return r < 0 ? r : write_file_atomic_at(AT_FDCWD, path, text.data, text.length, 0600);
}

/* What takes back those of `before` that are not among `settings`. */
static int add_gone(const StringList *before, const StringList *settings, StringList *gone) {
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(settable) && r >= 0; i++)
                if (string_list_contains(before, settable[i].key) && !string_list_value(settings, settable[i].key))
                        r = string_list_addf(gone, "%s=%s", settable[i].key, settable[i].none);
        return r;
}

static int set_properties(const char *unit_name, const StringList *settings) {
        _cleanup_free_ const char **command = calloc(settings->count + 6, sizeof(*command));
        size_t n = 0;
        int r;

        if (!command)
                return -ENOMEM;
        command[n++] = "systemctl";
        command[n++] = places_scope() == SCOPE_USER ? "--user" : "--system";
        command[n++] = "--runtime";
        command[n++] = "set-property";
        command[n++] = unit_name;
        for (size_t i = 0; i < settings->count; i++)
                command[n++] = settings->items[i];
        r = process_run(command, NULL, 0);
        return r > 0 ? -EPROTO : r;
}

/* Whether the generator has made one. */
static bool has_drop_in(const StringList *drop_ins) {
        for (size_t i = 0; i < drop_ins->count; i++)
                if (streq(path_basename(drop_ins->items[i]), UNIT_DROP_IN_NAME))
                        return true;
        return false;
}

/* The note says at any time at least what is set. */
static int apply(const Container *container, const StringList *before, const StringList *settings) {
        _cleanup_string_list_ StringList all = {};
        int r;

        r = add_gone(before, settings, &all);
        if (r >= 0)
                r = string_list_extend(&all, settings);
        if (r < 0 || all.count == 0)
                return r;
        r = write_note(container, &all);
        if (r >= 0)
                r = set_properties(container->unit_name, &all);
        return r < 0 || all.count == settings->count ? r : write_note(container, settings);
}

int instance_limits_apply(const Container *container, const StringList *drop_ins, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList before = {}, settings = {};
        const Location where = { .file = container->path };
        _cleanup_text_ Text others = {};
        bool known;
        int r;

        if (!strchr(container->stem, '@'))
                return 0;
        r = read_note(container, &before);
        known = has_drop_in(drop_ins);
        /* What was set goes before a drop-in that is there by now, so it has to follow the file. */
        if (r < 0 || (known && before.count == 0))
                return r < 0 ? r : 0;
        r = add_own(container, &settings);
        if (r >= 0)
                r = add_said(container, &settings, &others);
        if (r >= 0 && !known && others.length > 0)
                diagnose_warning(diagnostics, &where,
                                 "%s was started by its name, without having been enabled, and systemd has not been "
                                 "told of %s in [Service]; systemctl enable, and daemon-reload, make them count",
                                 container->unit_name, others.data);
        if (r >= 0)
                r = apply(container, &before, &settings);
        return r < 0 ? r : 0;
}
