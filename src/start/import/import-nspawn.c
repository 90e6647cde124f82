/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of systemd.nspawn(5), by the table in nspawn-words.def. */
#include "start/import/import-nspawn.h"

#include <errno.h>

#include "basic/numbers.h"
#include "source/ini-file.h"

#define MACHINES "/var/lib/machines"

typedef struct Nspawn {
        ImportedFile *file;
        Diagnostics *diagnostics;
        bool boots, throws_away, has_network, has_command;
} Nspawn;

typedef void (*How)(Nspawn *nspawn, const Entry *entry, const char *key);

static bool get_bool(const Nspawn *nspawn, const Entry *entry, bool *ret) {
        if (text_to_bool(entry->value, ret) >= 0)
                return true;
        diagnose_error(nspawn->diagnostics, &entry->where, "\"%s\" must be a boolean, not \"%s\"", entry->key,
                       entry->value);
        return false;
}

static void set(const Nspawn *nspawn, const char *key, const char *format, ...) _printf_(3, 4);

static void set(const Nspawn *nspawn, const char *key, const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        nspawn->file->lines[IMPORTED_OWN].failed |= text.failed;
        if (!text.failed)
                imported_set(nspawn->file, IMPORTED_OWN, key, text.data);
}

/* Values as they are: both have no variables and no specifiers there. */
static void how_text(Nspawn *nspawn, const Entry *entry, const char *key) {
        imported_set(nspawn->file, IMPORTED_OWN, key, entry->value);
}

/* Words, which are quoted by the same rules. */
static void how_verbatim(Nspawn *nspawn, const Entry *entry, const char *key) {
        nspawn->has_command |= streq(key, "Exec");
        imported_set(nspawn->file, IMPORTED_OWN, key, entry->value);
}

static void how_bool(Nspawn *nspawn, const Entry *entry, const char *key) {
        bool yes;

        if (get_bool(nspawn, entry, &yes))
                imported_set(nspawn->file, IMPORTED_OWN, key, yes ? "yes" : "no");
}

static void how_service(Nspawn *nspawn, const Entry *entry, const char *key) {
        imported_add_line(nspawn->file, IMPORTED_SERVICE, key, entry->value);
}

static void how_boot(Nspawn *nspawn, const Entry *entry, _unused_ const char *key) {
        (void) get_bool(nspawn, entry, &nspawn->boots);
}

static void how_ephemeral(Nspawn *nspawn, const Entry *entry, _unused_ const char *key) {
        (void) get_bool(nspawn, entry, &nspawn->throws_away);
}

static void how_users(Nspawn *nspawn, const Entry *entry, const char *key) {
        bool yes = streq(entry->value, "pick");

        if (!yes && text_to_bool(entry->value, &yes) < 0)
                diagnose_warning(nspawn->diagnostics, &entry->where,
                                 "\"PrivateUsers\" of numbers has no equivalent and is left out: UIDMap= and GIDMap= "
                                 "are the keys");
        else
                imported_set(nspawn->file, IMPORTED_OWN, key, yes ? "auto" : "host");
}

/* SOFT[:HARD] */
static void how_limit(Nspawn *nspawn, const Entry *entry, const char *key) {
        Text value = {};

        for (const char *c = entry->value; *c; c++)
                if (startswith(c, "infinity")) {
                        text_append(&value, "unlimited");
                        c += strlen("infinity") - 1;
                } else
                        text_append_char(&value, *c);
        set(nspawn, "Ulimit", "%s=%s", key, value.data ?: "");
        text_done(&value);
}

/* SOURCE[:DESTINATION[:OPTIONS]], SOURCE with "+" in front: of the tree itself. */
static void how_bind(Nspawn *nspawn, const Entry *entry, const char *option) {
        const char *target = strchr(entry->value, ':'), *options = target ? strchr(target + 1, ':') : NULL;
        int n = (int) (target ? target - entry->value : (ptrdiff_t) strlen(entry->value));

        if (*entry->value != '/' || (target && target[1] != '/')) {
                diagnose_warning(nspawn->diagnostics, &entry->where,
                                 "\"%s\" of \"%s\" has no equivalent and is left out", entry->key, entry->value);
                return;
        }
        if (options)
                diagnose_warning(nspawn->diagnostics, &entry->where,
                                 "the options \"%s\" have no equivalent and are left out", options + 1);
        set(nspawn, "Volume", "%.*s:%.*s%s%s", n, entry->value,
            target ? (int) (options ? options - target - 1 : (ptrdiff_t) strlen(target + 1)) : n,
            target ? target + 1 : entry->value, *option ? ":" : "", option);
}

static void set_network(Nspawn *nspawn, const char *key, const char *value) {
        if (!nspawn->has_network)
                imported_set(nspawn->file, IMPORTED_OWN, key, value);
        nspawn->has_network = true;
}

static void how_private(Nspawn *nspawn, const Entry *entry, const char *key) {
        bool yes;

        if (get_bool(nspawn, entry, &yes))
                set_network(nspawn, key, yes ? "private" : "host");
}

static void how_veth(Nspawn *nspawn, const Entry *entry, const char *key) {
        bool yes;

        if (get_bool(nspawn, entry, &yes) && (yes || !nspawn->has_network))
                set_network(nspawn, key, yes ? "default" : "host");
}

/* [PROTOCOL:]HOST[:CONTAINER] */
static void how_port(Nspawn *nspawn, const Entry *entry, const char *key) {
        const char *value = entry->value, *rest = startswith(value, "tcp:") ?: startswith(value, "udp:") ?: value;
        int protocol = (int) (rest > value ? rest - value - 1 : 0);
        const char *inner = strchr(rest, ':');

        set(nspawn, key, "%.*s:%s%s%.*s", (int) strcspn(rest, ":"), rest, inner ? inner + 1 : rest,
            protocol > 0 ? "/" : "", protocol, value);
}

static const struct {
        const char *section, *word;
        How how;
        const char *key, *why;
} words[] = {
#define WORD(section, word, how, key) { #section, #word, how_##how, key, NULL },
#define NONE(section, word, why) { #section, #word, NULL, NULL, why },
#include "start/import/nspawn-words.def"
};

static void add_entry(Nspawn *nspawn, const Entry *entry) {
        Nearest nearest = { .wanted = entry->key };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                if (!streq(entry->section, words[i].section))
                        continue;
                nearest_consider(&nearest, words[i].word);
                if (!streq(entry->key, words[i].word))
                        continue;
                if (words[i].how)
                        words[i].how(nspawn, entry, words[i].key);
                else
                        diagnose_warning(nspawn->diagnostics, &entry->where,
                                         "\"%s\" has no equivalent and is left out: %s", entry->key, words[i].why);
                return;
        }
        diagnose_error(nspawn->diagnostics, &entry->where,
                       nearest.name ? "unknown key \"%s\" in [%s]; did you mean \"%s\"?" : "unknown key \"%s\" in [%s]",
                       entry->key, entry->section, nearest.name);
}

/* What systemd-nspawn@.service has said on the command line. */
static void add_rest(Nspawn *nspawn, const char *stem) {
        set(nspawn, "Rootfs", MACHINES "/%s%s", stem, nspawn->throws_away ? ":O" : "");
        if (nspawn->boots && !nspawn->has_command)
                imported_set(nspawn->file, IMPORTED_OWN, "Exec", "/sbin/init");
        if (nspawn->boots)
                imported_set(nspawn->file, IMPORTED_OWN, "Systemd", "always");
        set_network(nspawn, "Network", "default");
        imported_set(nspawn->file, IMPORTED_INSTALL, "WantedBy", "machines.target");
}

int import_nspawn(const char *text, size_t size, const char *file, const char *stem, Diagnostics *diagnostics,
                  Imported *ret) {
        Nspawn nspawn = { .diagnostics = diagnostics, .boots = true };
        _cleanup_unit_file_ UnitFile unit = {};
        int r;

        r = unit_file_read(&unit, text, size, file, diagnostics);
        if (r < 0)
                return r;
        nspawn.file = imported_add(ret, stem, "container", "Container");
        if (!nspawn.file)
                return -ENOMEM;
        for (size_t i = 0; i < unit.count; i++)
                add_entry(&nspawn, &unit.entries[i]);
        add_rest(&nspawn, stem);
        return 0;
}
