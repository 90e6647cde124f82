/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary bytes to the value parsers. Input that begins with "[" is a whole .container
 * file, which is loaded and checked; else the first two bytes choose a key and the rest is its
 * value. Besides what the sanitizers see, it holds the parsers to what their headers promise. */
#include <errno.h>

#include "basic/text.h"
#include "config/value/values.h"
#include "kind/container/container-load.h"
#include "kind/references.h"
#include "tests/fuzz/fuzz.h"

/* Nothing of the machine, so that the same input always does the same. */
static int lookup(_unused_ void *userdata, char specifier, char **ret) {
        if (specifier == 'm')
                return -ENXIO;
        if (!strchr("abHlqABMowWuUgGhs", specifier))
                return -EINVAL;
        *ret = strdup("a:b,c d/..");
        return *ret ? 0 : -ENOMEM;
}

static const SpecifierContext specifiers = {
        .stem = "web@a:b",
        .unit_name = "container@web@a:b.service",
        .path = "/etc/berth/web@.container",
        .lookup = lookup,
};

static void check_diagnostics(const Diagnostics *diagnostics, bool placed) {
        require(diagnostics->count == diagnostics->errors + diagnostics->warnings, "each fault is counted once");
        for (size_t i = 0; i < diagnostics->count; i++) {
                const Diagnostic *d = &diagnostics->items[i];

                require(d->file && (!placed || (d->line > 0 && d->column > 0)), "each fault has a place");
                require(utf8_is_valid(d->message, strlen(d->message)), "each message can be printed");
        }
}

/* What any field fits into, aligned for all of them. */
typedef union Field {
        Container container;
        uint64_t number;
        unsigned char bytes[sizeof(Container)];
} Field;

static void parse_twice(const Key *key, const Entry *entry) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const ValueContext context = { .specifiers = &specifiers, .diagnostics = &diagnostics };
        static const Field zero;
        Field field = {};

        /* Twice: a second assignment adds to a list and replaces a scalar. */
        for (unsigned i = 0; i < 2; i++) {
                size_t errors = diagnostics.errors;
                int r = key->parse(&context, key, entry, &field);

                require(r == 0 || r == -EREPORTED, "a value is taken or refused");
                require((r < 0) == (diagnostics.errors > errors), "what is refused is said, and nothing else");
        }
        check_diagnostics(&diagnostics, true);
        key->done(&field);
        require(memcmp(&field, &zero, sizeof(field)) == 0, "a freed field is zero");
}

static void check_value(const uint8_t *data, size_t size) {
        const Key *key = &keys[(data[0] | data[1] << 8) % _KEY_COUNT];
        _cleanup_free_ char *name = strdup(key->name), *value = strndup((const char *) data + 2, size - 2);
        EntryPiece piece = { .line = 1, .column = 1 };
        const Entry entry = {
                .section = key->section,
                .key = name,
                .value = value,
                .where = { "fuzz", 1, 1 },
                .pieces = &piece,
                .piece_count = 1,
        };

        /* What the reader of unit files gives is one line of UTF-8, stripped and not empty. */
        if (!name || !value || !*value || !utf8_is_valid(value, strlen(value)) || strpbrk(value, "\r\n") ||
            strchr(" \t", *value) || strchr(" \t", value[strlen(value) - 1]))
                return;
        parse_twice(key, &entry);
}

static void check_container(const Container *container, Diagnostics *diagnostics) {
        _cleanup_free_ const char **command = NULL;
        size_t n = 0;

        container_check(container, diagnostics);
        container_check_references(container, &(Sources) {}, diagnostics);
        container_check_supported(container, diagnostics);
        require(container_command(container, &command) == 0, "there is a list for a command");
        while (command[n])
                n++;
        require(n == container->entrypoint.count + container->exec.count, "a command has all its words");
        require(container_stop_signal(container) > 0, "there is a signal to stop with");
        for (KeyId i = 0; i < _KEY_COUNT; i++) {
                const Entry *entry = container->set.entry[i];
                require(!entry || (streq(entry->key, keys[i].name) && streq(entry->section, keys[i].section) &&
                                   *entry->value),
                        "a key was set where it stands");
        }
}

static void check_file(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = NULL;
        UnitFile unit = {};

        if (unit_file_read(&unit, (const char *) data, size, "fuzz", &diagnostics) < 0) {
                unit_file_done(&unit);
                return;
        }
        require(container_load(&unit, &specifiers, &diagnostics, &container) == 0, "a file is loaded whatever it says");
        require(unit.count == 0 && !unit.entries, "what was loaded is taken over");
        check_container(container, &diagnostics);
        diagnostics_sort(&diagnostics);
        for (size_t i = 0; i < diagnostics.count; i++)
                require(diagnostics.items[i].file, "each fault has a file");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        if (size > 0 && data[0] == '[')
                check_file(data, size);
        else if (size > 2)
                check_value(data, size);
        return 0;
}
