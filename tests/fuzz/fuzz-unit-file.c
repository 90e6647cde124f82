/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary bytes to the reader of unit files, and what it accepts to the splitting into
 * words and the expansion of specifiers. Besides what the sanitizers see, it holds the reader to
 * what its header promises. */
#include <errno.h>

#include "basic/text.h"
#include "basic/words.h"
#include "source/ini-file.h"
#include "source/specifiers.h"
#include "tests/fuzz/fuzz.h"

/* Nothing of the machine, so that the same input always does the same. */
static int lookup(void *userdata, char specifier, char **ret) {
        const char *known = userdata;

        if (!strchr(known, specifier))
                return -EINVAL;
        *ret = text_format("{%c}", specifier);
        return *ret ? 0 : -ENOMEM;
}

static void check_words(const char *value) {
        const char *rest = value, *start = value;
        char *word;
        int r;

        while ((r = word_extract(&rest, &word, &start)) > 0) {
                _cleanup_text_ Text quoted = {};
                const char *again;
                char *back = NULL;

                require(start >= value && start < rest && rest <= value + strlen(value), "a word lies within its text");
                word_append_quoted(&quoted, word, false, false);
                again = quoted.data;
                require(word_extract(&again, &back, NULL) == 1 && strcmp(back, word) == 0 && *again == '\0',
                        "a quoted word is read back");
                free(back);
                free(word);
        }
        require(r == 0 || (rest >= value && rest < value + strlen(value)), "a fault in a word has a place");
}

static void check_specifiers(const char *value) {
        static char known[] = "abmHlqABMowWuUgGhs";
        const SpecifierContext context = {
                .stem = "web-app@a\\x2db",
                .unit_name = "container@web-app@a\\x2db.service",
                .path = "/etc/berth/web-app@.container",
                .lookup = lookup,
                .userdata = known,
        };
        _cleanup_free_ char *expanded = NULL, *names = NULL;
        size_t offset = SIZE_MAX;

        if (specifiers_expand(&context, value, &expanded, &offset) < 0)
                require(offset < strlen(value) && value[offset] == '%', "a fault in specifiers has a place");
        require(specifiers_expand_names(&context, value, &names) == 0, "names are always expanded");
}

static void check_entry(const Entry *entry, const char *data, size_t size) {
        size_t length = strlen(entry->value), lines = 1;

        for (size_t i = 0; i < size; i++)
                lines += data[i] == '\n';
        require(entry->section && entry->key && *entry->key, "an entry has a section and a key");
        require(utf8_is_valid(entry->value, length) && !strpbrk(entry->value, "\r\n"), "a value is one line of UTF-8");
        require(length == 0 || (!strchr(" \t", entry->value[0]) && !strchr(" \t", entry->value[length - 1])),
                "a value is stripped");
        require(entry->piece_count > 0 && entry->pieces[0].offset == 0, "a value has a place");
        for (size_t offset = 0; offset <= length; offset += 1 + length / 16) {
                Location where = entry_location(entry, offset);
                require(where.line >= entry->where.line && where.line <= lines && where.column > 0,
                        "each byte of a value has a place");
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        int r;

        r = unit_file_read(&unit, size > 0 ? (const char *) data : "", size, "fuzz", &diagnostics);
        require(r == 0 || (r == -EFBIG && size > UNIT_FILE_SIZE_MAX), "only a large file is refused as a whole");
        for (size_t i = 0; i < diagnostics.count; i++) {
                require(diagnostics.items[i].line > 0 && diagnostics.items[i].column > 0, "each fault has a place");
                require(!strstr(diagnostics.items[i].message, "INI parser"),
                        "the INI parser understands what it is given");
        }
        for (size_t i = 0; i < unit.count; i++) {
                check_entry(&unit.entries[i], (const char *) data, size);
                check_words(unit.entries[i].value);
                check_specifiers(unit.entries[i].value);
        }
        return 0;
}
