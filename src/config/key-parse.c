/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sections of a file, read by the vocabulary. */
#include "config/key-parse.h"

#include <errno.h>

#include "basic/text.h"
#include "basic/words.h"
#include "config/systemd-keys.h"
#include "config/value/values.h"

/* The section that has a key which stands in a wrong one: systemd's, else one of ours. Returns NULL
 * when none has. */
static const char *home_section(const char *name) {
        const char *section = systemd_section_of(name);

        for (size_t i = 0; i < _KEY_COUNT && !section; i++)
                if (streq(keys[i].name, name))
                        section = keys[i].section;
        return section;
}

static void report_unknown(const Entry *entry, Diagnostics *diagnostics) {
        const char *home = home_section(entry->key), *near = key_suggest(entry->section, entry->key);

        if (home)
                diagnose_error(diagnostics, &entry->where, "\"%s\" belongs in [%s], not in [%s]", entry->key, home,
                               entry->section);
        else if (near)
                diagnose_error(diagnostics, &entry->where, "unknown key \"%s\" in [%s]; did you mean \"%s\"?",
                               entry->key, entry->section, near);
        else
                diagnose_error(diagnostics, &entry->where, "unknown key \"%s\" in [%s]", entry->key, entry->section);
}

/* Whether the value has variables that only a start knows. Where the words of it are not to be told
 * apart, all of it is looked at as one. */
static bool value_is_open(const ValueContext *context, const Key *key, const Entry *entry) {
        const char *rest = entry->value;
        int r = 1;

        if (!context->variables || (key->flags & LITERAL) || !strchr(entry->value, '$'))
                return false;
        while (r > 0) {
                _cleanup_free_ char *word = NULL;

                r = word_extract(&rest, &word, NULL);
                if (r > 0 && !variables_are_known(context->variables, word))
                        return true;
        }
        return r < 0 && !variables_are_known(context->variables, entry->value);
}

/* Quadlet leaves out a line of these keys that has an escape which is none; a label with a regular
 * expression is most often one. */
static bool is_left_out(const Key *key, const Entry *entry, Diagnostics *diagnostics) {
        static const char *const names[] = { "Annotation", "Environment", "Exec", "Label", "ReloadCmd" };
        const char *rest = entry->value;
        bool known = false;
        Location where;
        int r = 1;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                known |= streq(key->name, names[i]);
        while (known && r > 0) {
                _cleanup_free_ char *word = NULL;

                r = word_extract(&rest, &word, NULL);
        }
        if (!known || r != -EINVAL || rest[0] != '\\' || !rest[1])
                return false;
        where = entry_location(entry, (size_t) (rest - entry->value));
        diagnose_warning(diagnostics, &where,
                         "a backslash that begins no escape sequence: this \"%s\" is left out, as by Quadlet; write "
                         "\"\\\\\"",
                         key->name);
        return true;
}

static int parse_entry(const Key *key, const Entry *entry, const ValueContext *context, void *object, KeysSet *set) {
        void *field = (char *) object + key->offset;
        ValueContext own = *context;
        int r;

        if (!*entry->value) {
                key->done(field);
                set->entry[key_id(key)] = NULL;
                set->open[key_id(key)] = NULL;
                return 0;
        }
        if (value_is_open(context, key, entry)) {
                set->open[key_id(key)] = entry;
                return 0;
        }
        if (is_left_out(key, entry, context->diagnostics)) {
                if (key->flags & ONCE)
                        key->done(field);
                return 0;
        }
        if (key->flags & DEPRECATED)
                diagnose_warning(context->diagnostics, &entry->where, "\"%s\" is %s", key->name, key->help);
        if (key->flags & IGNORED)
                diagnose_warning(context->diagnostics, &entry->where,
                                 "\"%s\" has no effect: there is no podman here to take it", key->name);
        if (key->flags & LITERAL)
                own.variables = NULL;
        own.part = key->flags & PART;
        r = key->parse(&own, key, entry, field);
        if (r < 0 && r != -EREPORTED)
                return r;
        /* A list may have gained something all the same; a scalar is as it was. */
        if (r == -EREPORTED && !(key->flags & LIST))
                return 0;
        set->entry[key_id(key)] = entry;
        return 0;
}

/* Lists of assignments, of which a file has room for a hundred thousand. */
static int settle_assignments(const char *section, void *object) {
        int r = 0;

        for (size_t i = 0; i < _KEY_COUNT && r >= 0; i++)
                if (streq(keys[i].section, section) &&
                    (keys[i].parse == parse_assignments || keys[i].parse == parse_sysctls))
                        r = string_list_settle((StringList *) (void *) ((char *) object + keys[i].offset));
        return r;
}

int keys_parse_section(const UnitFile *unit, const char *section, const ValueContext *context, void *object,
                       KeysSet *set) {
        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];
                const Key *key;
                int r;

                if (!streq(entry->section, section))
                        continue;
                key = key_find(section, entry->key);
                if (!key) {
                        report_unknown(entry, context->diagnostics);
                        continue;
                }
                r = parse_entry(key, entry, context, object, set);
                if (r < 0)
                        return r;
        }
        return settle_assignments(section, object);
}

void keys_exclude(const KeysSet *set, KeyId one, KeyId other, Diagnostics *diagnostics) {
        const Entry *a = set->entry[one], *b = set->entry[other];

        /* Both are of the same UnitFile's array, in the order in which they were read. */
        if (a && b)
                diagnose_error(diagnostics, a > b ? &a->where : &b->where, "\"%s\" and \"%s\" exclude each other",
                               keys[one].name, keys[other].name);
}

void keys_need(const KeysSet *set, KeyId key, KeyId needed, Diagnostics *diagnostics) {
        if (set->entry[key] && !set->entry[needed] && !set->open[needed])
                diagnose_error(diagnostics, &set->entry[key]->where, "\"%s\" needs \"%s\"", keys[key].name,
                               keys[needed].name);
}

Location file_place(const UnitFile *unit) {
        return (Location) { .file = unit->files.count > 0 ? unit->files.items[0] : NULL };
}

/* A section has no place of its own, but its first key has. */
static Location section_place(const UnitFile *unit, const char *section) {
        for (size_t i = 0; i < unit->count; i++)
                if (streq(unit->entries[i].section, section))
                        return unit->entries[i].where;
        return file_place(unit);
}

void sections_check(const UnitFile *unit, const char *own, Diagnostics *diagnostics) {
        const char *meant = NULL;

        for (size_t i = 0; i < unit->sections.count; i++) {
                const char *section = unit->sections.items[i];
                Location where = section_place(unit, section);

                if (streq(section, "Socket") && !streq(own, "Container"))
                        diagnose_warning(diagnostics, &where,
                                         "[Socket] has no effect in a file for a [%s]: only a container has a socket",
                                         own);
                if (streq(section, own) || streq(section, "Quadlet") || section_is_handed_on(section))
                        continue;
                meant = section_suggest(section, own);
                if (section_is_ours(section))
                        diagnose_error(diagnostics, &where, "[%s] does not belong in a file for a [%s]", section, own);
                else if (meant)
                        diagnose_error(diagnostics, &where, "unknown section [%s]; did you mean [%s]?", section, meant);
                else
                        diagnose_warning(diagnostics, &where, "unknown section [%s]; nothing reads it", section);
        }
        /* These have nothing that must be said. */
        if (streq(own, "Volume") || streq(own, "Network") || streq(own, "Pod"))
                return;
        if (!unit_file_has_section(unit, own) && !streq_null(meant, own)) {
                Location where = file_place(unit);
                diagnose_error(diagnostics, &where, "there is no [%s] section", own);
        }
}
