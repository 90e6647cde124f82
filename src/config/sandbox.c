/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What [Service] says to confine the service, and what a container's own keys make of it. */
#include "config/sandbox.h"

#include <errno.h>

#include "basic/numbers.h"
#include "basic/words.h"

#define SANDBOX(name, way, values, instead) { #name, SANDBOX_##way, values, instead },
static const SandboxKey sandbox_keys[] = {
#include "config/sandbox.def"
};

const SandboxKey *sandbox_key_find(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(sandbox_keys); i++)
                if (streq(sandbox_keys[i].name, name))
                        return &sandbox_keys[i];
        return NULL;
}

bool sandbox_key_is_passed_on(const char *name) {
        const SandboxKey *key = sandbox_key_find(name);

        return !key || key->way == SANDBOX_INHERITED;
}

static bool is_entry(const Entry *entry, const char *key) {
        return streq(entry->key, key) && streq(entry->section, "Service");
}

const Entry *sandbox_find(const UnitFile *unit, const char *key) {
        for (size_t i = unit->count; i > 0; i--)
                if (is_entry(&unit->entries[i - 1], key))
                        return *unit->entries[i - 1].value ? &unit->entries[i - 1] : NULL;
        return NULL;
}

bool sandbox_is_on(const UnitFile *unit, const char *key) {
        const Entry *entry = sandbox_find(unit, key);
        bool on = false;

        return entry && text_to_bool(entry->value, &on) >= 0 && on;
}

bool sandbox_says(const UnitFile *unit, const char *key, const char *word) {
        const Entry *entry = sandbox_find(unit, key);

        return entry && streq(entry->value, word);
}

const char *sandbox_path(const char *word) {
        return word + strspn(word, "-+");
}

/* The words of one line. The function may add entries. */
static int each_word(const UnitFile *unit, size_t i, SandboxWordFunction function, void *userdata) {
        const char *value = unit->entries[i].value, *rest = value, *start;
        bool inverted = *value == '~';

        for (rest += inverted;;) {
                _cleanup_free_ char *text = NULL;
                SandboxWord word = { .inverted = inverted };
                int r = word_extract(&rest, &text, &start);

                if (r <= 0)
                        return r == -ENOMEM ? r : 0;
                word.text = text;
                word.where = entry_location(&unit->entries[i], (size_t) (start - value));
                r = function(&word, userdata);
                if (r < 0)
                        return r;
        }
}

int sandbox_each_word(const UnitFile *unit, const char *key, SandboxWordFunction function, void *userdata) {
        size_t count = unit->count, first = 0;

        for (size_t i = 0; i < count; i++)
                if (is_entry(&unit->entries[i], key) && !*unit->entries[i].value)
                        first = i + 1;
        for (size_t i = first; i < count; i++) {
                int r = is_entry(&unit->entries[i], key) ? each_word(unit, i, function, userdata) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Whether `values` has the word; "bool" in it stands for all that systemd takes for yes and no. */
static bool is_among(const char *values, const char *word) {
        size_t n = strlen(word);
        bool on;

        for (const char *p = values; *p; p += strspn(p, " ")) {
                size_t length = strcspn(p, " ");

                if (length == n && strncmp(p, word, n) == 0)
                        return !streq(word, "bool");
                p += length;
        }
        return startswith(values, "bool") && text_to_bool(word, &on) >= 0;
}

static void refuse_value(const SandboxKey *key, const Entry *entry, Diagnostics *diagnostics) {
        const char *words = startswith(key->values, "bool") ?: key->values;
        Location where = entry_location(entry, 0);

        if (words == key->values)
                diagnose_error(diagnostics, &where, "\"%s\" in [Service] must be one of \"%s\" for a container, not "
                               "\"%s\"", entry->key, key->values, entry->value);
        else
                diagnose_error(diagnostics, &where, "\"%s\" in [Service] must be yes or no%s%s, not \"%s\"",
                               entry->key, *words ? " or one of" : "", words, entry->value);
}

/* Of what is behind such a mistake nothing would be taken. */
static void check_words(const SandboxKey *key, const Entry *entry, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList words = {};
        Location where = entry_location(entry, 0);

        if (key->way == SANDBOX_TRANSLATED && words_split(entry->value, &words) == -EINVAL)
                diagnose_error(diagnostics, &where, "\"%s\" in [Service] has an open quote or an unknown escape",
                               entry->key);
}

void sandbox_check(const SandboxKey *key, const Entry *entry, Diagnostics *diagnostics) {
        bool on = true;

        /* "PrivateUsers=no" asks for nothing. */
        if (!*entry->value || (key->way == SANDBOX_REFUSED && text_to_bool(entry->value, &on) >= 0 && !on))
                return;
        check_words(key, entry, diagnostics);
        if (key->values && !is_among(key->values, entry->value))
                refuse_value(key, entry, diagnostics);
        if (key->way != SANDBOX_REFUSED)
                return;
        if (key->instead)
                diagnose_error(diagnostics, &entry->where,
                               "\"%s\" in [Service] would apply to the runtime, not to the container; use %s= in "
                               "[Container]", entry->key, key->instead);
        else
                diagnose_error(diagnostics, &entry->where,
                               "\"%s\" in [Service] would apply to the runtime, not to the container", entry->key);
}

typedef struct Translation {
        UnitFile *unit;
        const char *section, *key;
        Diagnostics *diagnostics;
} Translation;

static int add(Translation *t, const char *key, const char *value, const Location *where) {
        return unit_file_add(t->unit, t->section, key, value, where);
}

/* "SOURCE[:DESTINATION[:rbind|norbind]]" is "SOURCE:DESTINATION[:ro]". */
static int add_bind(const SandboxWord *item, void *userdata) {
        const char *word = item->text;
        Translation *t = userdata;
        _cleanup_string_list_ StringList parts = {};
        _cleanup_text_ Text value = {};
        bool recursive = true;
        int r;

        if (word[0] == '-') {
                diagnose_error(t->diagnostics, &item->where,
                               "\"%s\" in [Service]: a source that may be missing is nothing that a container can "
                               "have; leave the \"-\" out", t->key);
                return 0;
        }
        r = string_list_add_split(&parts, word, strlen(word), ":");
        if (r < 0)
                return r;
        if (parts.count > 2)
                recursive = !streq(parts.items[2], "norbind");
        if (parts.count == 0 || parts.count > 3 ||
            (parts.count > 2 && recursive && !streq(parts.items[2], "rbind"))) {
                diagnose_error(t->diagnostics, &item->where,
                               "\"%s\" in [Service] must be SOURCE[:DESTINATION[:rbind|norbind]], not \"%s\"", t->key,
                               word);
                return 0;
        }
        text_appendf(&value, "%s:%s%s%s", parts.items[0], parts.items[parts.count > 1 ? 1 : 0],
                     streq(t->key, "BindReadOnlyPaths") ? ":ro," : ":rw,", recursive ? "rbind" : "bind");
        return value.failed ? -ENOMEM : add(t, "Volume", value.data, &item->where);
}

/* What systemd mounts so is empty, and its root's alone. */
static int add_tmpfs(const SandboxWord *item, void *userdata) {
        const char *word = item->text;
        const char *colon = strchrnul(word, ':');
        _cleanup_free_ char *value = text_format("%.*s:notmpcopyup%s%s%s", (int) (colon - word), word,
                                                 strstr(colon, "mode=") ? "" : ",mode=0755", *colon ? "," : "",
                                                 *colon ? colon + 1 : "");

        return value ? add(userdata, "Tmpfs", value, &item->where) : -ENOMEM;
}

static int add_mask(const SandboxWord *item, void *userdata) {
        return add(userdata, "Mask", sandbox_path(item->text), &item->where);
}

static bool is_pseudo_device(const char *path) {
        static const char *const devices[] = { "/dev/null", "/dev/zero",    "/dev/full", "/dev/random",
                                               "/dev/tty",  "/dev/urandom", "/dev/ptmx" };

        for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
                if (streq(devices[i], path))
                        return true;
        return false;
}

/* "PATH [rwm]": a line is one device. */
static int add_devices(Translation *t) {
        size_t count = t->unit->count, first = 0;
        int r = 0;

        for (size_t i = 0; i < count; i++)
                if (is_entry(&t->unit->entries[i], t->key) && !*t->unit->entries[i].value)
                        first = i + 1;
        for (size_t i = first; i < count && r >= 0; i++) {
                _cleanup_string_list_ StringList words = {};
                _cleanup_free_ char *value = NULL;
                Location where;

                if (!is_entry(&t->unit->entries[i], t->key))
                        continue;
                where = entry_location(&t->unit->entries[i], 0);
                r = words_split(t->unit->entries[i].value, &words);
                if (r == -ENOMEM)
                        return r;
                if (r >= 0 && words.count > 0 && is_pseudo_device(words.items[0]))
                        continue;
                if (r < 0 || words.count == 0 || words.count > 2 || words.items[0][0] != '/') {
                        diagnose_error(t->diagnostics, &where,
                                       "\"%s\" in [Service] must be the path of one device for a container; use "
                                       "AddDevice= in [Container]", t->key);
                        r = 0;
                        continue;
                }
                value = text_format("%s:%s:%s", words.items[0], words.items[0],
                                    words.count > 1 ? words.items[1] : "rwm");
                r = value ? add(t, "AddDevice", value, &where) : -ENOMEM;
        }
        return r;
}

/* Whether the section has another value for the key already: two namespaces cannot both be had. */
static int add_alone(Translation *t, const char *key, const char *value) {
        const Entry *entry = sandbox_find(t->unit, t->key);
        Location where = entry->where;

        for (size_t i = t->unit->count; i > 0; i--) {
                const Entry *other = &t->unit->entries[i - 1];

                if (!streq(other->key, key) || !streq(other->section, t->section))
                        continue;
                if (!*other->value)
                        break;
                if (streq(other->value, value))
                        return 0;
                diagnose_error(t->diagnostics, &where, "\"%s\" in [Service] and \"%s\" exclude each other", t->key,
                               key);
                return 0;
        }
        return add(t, key, value, &where);
}

static int add_path(Translation *t, const char *key) {
        const Entry *entry = sandbox_find(t->unit, t->key);
        _cleanup_free_ char *value = entry ? text_format("ns:%s", entry->value) : NULL;

        if (!entry)
                return 0;
        return value ? add_alone(t, key, value) : -ENOMEM;
}

/* As with ReadOnly=, but that nothing becomes writable by itself. */
static int add_strict(Translation *t) {
        const Entry *entry = sandbox_find(t->unit, "ProtectSystem");
        Location where;
        bool said = false;
        int r;

        if (!entry || !streq(entry->value, "strict"))
                return 0;
        where = entry->where;
        for (size_t i = 0; i < t->unit->count; i++)
                said |= streq(t->unit->entries[i].key, "ReadOnlyTmpfs") &&
                        streq(t->unit->entries[i].section, t->section);
        r = add(t, "ReadOnly", "yes", &where);
        return r < 0 || said ? r : add(t, "ReadOnlyTmpfs", "no", &where);
}

static int add_apparmor(Translation *t) {
        const Entry *entry = sandbox_find(t->unit, "AppArmorProfile");
        Location where;

        if (!entry)
                return 0;
        where = entry->where;
        if (*entry->value == '-') {
                diagnose_error(t->diagnostics, &where,
                               "\"AppArmorProfile\" in [Service]: a container's profile cannot be one that may be "
                               "missing; leave the \"-\" out");
                return 0;
        }
        return add(t, "AppArmor", entry->value, &where);
}

static int add_no_new_privileges(Translation *t) {
        /* A filter comes last then, after what the runtime itself does at the end; and systemd
         * implies it, too, where there is no CAP_SYS_ADMIN. */
        static const char *const keys[] = { "NoNewPrivileges", "SystemCallFilter" };

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                const Entry *entry = sandbox_find(t->unit, keys[i]);
                Location where;

                if (!entry || (i == 0 && !sandbox_is_on(t->unit, keys[i])))
                        continue;
                where = entry->where;
                return add(t, "NoNewPrivileges", "yes", &where);
        }
        return 0;
}

/* What no key of the container's is made of, and so no parser of one sees. */
static int expand_specifiers(UnitFile *unit, const SpecifierContext *specifiers) {
        static const char *const paths[] = { "ReadOnlyPaths", "ReadWritePaths" };

        for (size_t i = 0; i < unit->count; i++)
                for (size_t j = 0; j < ARRAY_SIZE(paths); j++) {
                        Entry *entry = &unit->entries[i];
                        _cleanup_free_ char *value = NULL;
                        int r;

                        if (!is_entry(entry, paths[j]) || !strchr(entry->value, '%'))
                                continue;
                        r = specifiers_expand(specifiers, entry->value, &value, NULL);
                        if (r >= 0)
                                r = entry_replace(entry, 0, strlen(entry->value), value);
                        if (r == -ENOMEM)
                                return r;
                }
        return 0;
}

int sandbox_translate(UnitFile *unit, const char *section, const SpecifierContext *specifiers,
                      Diagnostics *diagnostics) {
        static const struct {
                const char *key;
                SandboxWordFunction function;
        } lists[] = {
                { "BindPaths", add_bind },
                { "BindReadOnlyPaths", add_bind },
                { "TemporaryFileSystem", add_tmpfs },
                { "InaccessiblePaths", add_mask },
        };
        Translation t = { .unit = unit, .section = section, .diagnostics = diagnostics };
        int r = expand_specifiers(unit, specifiers);

        for (size_t i = 0; i < ARRAY_SIZE(lists) && r >= 0; i++) {
                t.key = lists[i].key;
                r = sandbox_each_word(unit, t.key, lists[i].function, &t);
        }
        t.key = "DeviceAllow";
        if (r >= 0)
                r = add_devices(&t);
        t.key = "PrivateNetwork";
        if (r >= 0 && sandbox_is_on(unit, t.key))
                r = add_alone(&t, "Network", "none");
        t.key = "NetworkNamespacePath";
        if (r >= 0)
                r = add_path(&t, "Network");
        t.key = "IPCNamespacePath";
        if (r >= 0)
                r = add_path(&t, "IpcNS");
        if (r >= 0)
                r = add_strict(&t);
        if (r >= 0)
                r = add_apparmor(&t);
        return r < 0 ? r : add_no_new_privileges(&t);
}
