/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A drop-in while it is put together, for a file of any kind. */
#include "unit/drop-in.h"

#include <errno.h>

#include "basic/words.h"
#include "config/sandbox.h"
#include "kind/container/container-socket.h"
#include "kind/helper-service.h"
#include "source/unit-reference.h"
#include "unit/companion.h"

/* Twice the same is untidy and does no harm: among thousands it is not looked for. */
int unit_drop_in_add_unit(StringList *list, const char *unit) {
        enum { LOOKED_THROUGH = 2000 };

        return list->count < LOOKED_THROUGH && string_list_contains(list, unit) ? 0 : string_list_add(list, unit);
}

int unit_drop_in_add_file(UnitDropIn *drop_in, StringList *list, const char *reference) {
        _cleanup_free_ char *unit = NULL;
        int r;

        /* Another container is no part of this one. */
        if (!reference || endswith(reference, ".container"))
                return 0;
        r = unit_reference_translate(reference, &unit);
        if (r <= 0)
                return r == -ENOMEM ? r : 0;
        r = unit_drop_in_add_unit(list, unit);
        return r < 0 ? r : instances_add_reference(drop_in->instances, reference);
}

int unit_drop_in_add_path(UnitDropIn *drop_in, const char *path, const Location *where) {
        if (!path || path[0] != '/' || path[1] == '\0')
                return 0;
        if (!unit_line_fits(path)) {
                diagnose_warning(drop_in->diagnostics, where,
                                 "no unit can wait for the mount of a path with control characters");
                return 0;
        }
        return string_list_add(&drop_in->paths, path);
}

/* No unit's name has a slash. */
int unit_drop_in_claim(UnitDropIn *drop_in, const char *what, const char *name, const Location *where) {
        _cleanup_free_ char *claim = text_format("/%s/%s", what, name);
        const char *owner;
        int r;

        if (!claim)
                return -ENOMEM;
        r = unit_outputs_claim(drop_in->outputs, claim, drop_in->context->path, &owner);
        if (r == 0)
                diagnose_error(drop_in->diagnostics,
                               where->file ? where : &(Location) { .file = drop_in->context->path },
                               "\"%s\" is the %s of %s already", name, what, owner);
        return r < 0 ? r : 0;
}

/* Returns 1, 0 for a template, or -ENOMEM. */
static int begin(UnitDropIn *drop_in) {
        const char *default_instance;
        int r;

        r = unit_install_load(drop_in->section, drop_in->context, drop_in->outputs, drop_in->instances,
                              drop_in->diagnostics, &drop_in->install);
        if (r < 0)
                return r;
        if (!stem_is_template(drop_in->section->stem))
                return 1;
        if (drop_in->section->file_type == FILE_CONTAINER && !drop_in->section->service_name &&
            !socket_accepts(drop_in->section)) {
                r = companion_add_template(drop_in->outputs, drop_in->section, drop_in->context->path);
                if (r < 0)
                        return r;
        }
        default_instance = drop_in->install.default_instance;
        return default_instance ? instances_add(drop_in->instances, drop_in->section->file_type, default_instance) : 0;
}

static void append_units(Text *text, const char *dependency, const StringList *units) {
        for (size_t i = 0; i < units->count; i++)
                text_appendf(text, "%s=%s\nAfter=%s\n", dependency, units->items[i], units->items[i]);
}

static void append_paths(Text *text, StringList *paths) {
        string_list_sort(paths);
        for (size_t i = 0; i < paths->count; i++) {
                if (i > 0 && streq(paths->items[i], paths->items[i - 1]))
                        continue;
                text_append(text, "RequiresMountsFor=");
                word_append_quoted(text, paths->items[i], true, false);
                text_append_char(text, '\n');
        }
}

/* What systemd is not told. With some the unit would be invalid, or the helper could not run as
 * what it is and say in which line they are: container_check() refuses them. What else confines a
 * container is said in its own configuration. */
static bool is_kept_back(const UnitDropIn *drop_in, const char *section, const char *key) {
        static const char *const breaking[] = { "ExecStart", "RootDirectory", "RootImage",   "User",
                                                "Group",     "DynamicUser",   "NotifyAccess" };

        if (!streq(section, "Service"))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(breaking); i++)
                if (streq(key, breaking[i]))
                        return true;
        return drop_in->section->file_type == FILE_CONTAINER && !sandbox_key_is_passed_on(key);
}

/* What systemd is told instead of what it would refuse the whole unit for. */
static const char *value_for_systemd(const UnitDropIn *drop_in, const Entry *entry) {
        bool oneshot = drop_in->section->file_type != FILE_CONTAINER;

        return oneshot && helper_service_restarts_for_ever(entry) ? "on-failure" : entry->value;
}

int unit_drop_in_append_own_lines(const UnitDropIn *drop_in, const char *section, Text *text) {
        const UnitFile *unit = &drop_in->section->unit;

        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];
                _cleanup_free_ char *value = NULL;
                int r;

                if (!streq(entry->section, section) || is_kept_back(drop_in, section, entry->key))
                        continue;
                r = specifiers_expand_names(drop_in->context, value_for_systemd(drop_in, entry), &value);
                if (r >= 0 && streq(section, "Unit") && key_takes_units(entry->key)) {
                        _cleanup_free_ char *names = TAKE_PTR(value);
                        r = unit_references_translate(names, &value, drop_in->instances);
                }
                if (r < 0)
                        return r;
                text_append(text, entry->key);
                text_append_char(text, '=');
                text_append(text, value);
                text_append_char(text, '\n');
        }
        return 0;
}

static void append_journal_name(const char *name, Text *text) {
        _cleanup_free_ char *field = text_format("OBJECT_SYSTEMD_UNIT=%s", name);

        text->failed |= !field;
        if (!field)
                return;
        text_append(text, "LogExtraFields=");
        word_append_quoted(text, field, true, false);
        text_append_char(text, '\n');
}

/* By this field `journalctl -u` shows the container's lines by its other names, too. */
static void append_journal_names(const UnitInstall *install, FileType type, Text *text) {
        for (size_t i = 0; type == FILE_CONTAINER && i < install->companions.count; i++)
                append_journal_name(install->companions.items[i], text);
        if (type == FILE_CONTAINER && install->quadlet_name)
                append_journal_name(install->quadlet_name, text);
}

/* The whole text. */
static int build(UnitDropIn *drop_in, Text *text) {
        const StringList *companions = &drop_in->install.companions;
        int r;

        unit_output_append_header(text, drop_in->context->path, NULL);
        text_append(text, "[Unit]\n");
        unit_output_append_source(text, drop_in->context->path);
        if (drop_in->unit.length > 0)
                text_append(text, drop_in->unit.data);
        append_units(text, "BindsTo", &drop_in->bound);
        append_units(text, "Requires", &drop_in->required);
        append_units(text, "Wants", &drop_in->wanted);
        for (size_t i = 0; i < companions->count; i++)
                text_appendf(text, "Wants=%s\nPartOf=%s\n", companions->items[i], companions->items[i]);
        if (drop_in->install.quadlet_name)
                text_appendf(text, "PartOf=%s\n", drop_in->install.quadlet_name);
        append_paths(text, &drop_in->paths);
        r = unit_drop_in_append_own_lines(drop_in, "Unit", text);
        if (r >= 0)
                r = unit_drop_in_append_own_lines(drop_in, "Service", &drop_in->service);
        if (r < 0)
                return r;
        if (drop_in->service_end.length > 0)
                text_append(&drop_in->service, drop_in->service_end.data);
        append_journal_names(&drop_in->install, drop_in->section->file_type, &drop_in->service);
        if (drop_in->service.length > 0)
                text_appendf(text, "\n[Service]\n%s", drop_in->service.data);
        text->failed |= drop_in->unit.failed || drop_in->service.failed || drop_in->service_end.failed;
        return 0;
}

static int finish(UnitDropIn *drop_in) {
        const char *source = drop_in->context->path;
        _cleanup_text_ Text text = {};
        char *content = NULL;
        int r;

        r = build(drop_in, &text);
        if (r >= 0)
                r = text_take(&text, &content);
        if (r < 0)
                return r;
        /* Before 50-MemoryMax.conf and the like, which `systemctl set-property` makes: what is set
         * by hand shall win, also after a reload. */
        r = unit_outputs_add_file(drop_in->outputs, source,
                                  text_format("%s.d/" UNIT_DROP_IN_NAME, drop_in->section->unit_name), content);
        return r < 0 ? r : unit_install_add_outputs(&drop_in->install, drop_in->section, source, drop_in->outputs);
}

int unit_drop_in_make(UnitDropIn *drop_in, UnitDropInFiller fill, const void *object) {
        int r = begin(drop_in);

        if (r <= 0)
                return r;
        r = fill(object, drop_in);
        return r < 0 ? r : finish(drop_in);
}

void unit_drop_in_done(UnitDropIn *drop_in) {
        string_list_done(&drop_in->bound);
        string_list_done(&drop_in->required);
        string_list_done(&drop_in->wanted);
        string_list_done(&drop_in->paths);
        text_done(&drop_in->unit);
        text_done(&drop_in->service);
        text_done(&drop_in->service_end);
        unit_install_done(&drop_in->install);
}
