/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth cat: a container's file with its drop-ins, or what counts of all of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/command/unit-argument.h"
#include "config/keys.h"
#include "source/places.h"
#include "source/sources.h"

enum { EFFECTIVE = _TABLE_OPTION_COUNT, USER };

/* The files as they are */

static int print_file(const char *path, bool first) {
        _cleanup_free_ char *text = NULL, *line = text_format("# %s", path);
        size_t size;
        int r;

        if (!line)
                return log_oom();
        r = read_file_at(AT_FDCWD, path, UNIT_FILE_SIZE_MAX, &text, &size);
        if (r < 0)
                return log_error_errno(r, "Failed to read %s: %m", path);
        if (!first)
                putchar('\n');
        output_line(line);
        output_text(text, size);
        return 0;
}

static int print_files(const Source *source) {
        int r = print_file(source->path, true);

        for (size_t i = 0; i < source->drop_ins.count && r >= 0; i++)
                r = print_file(source->drop_ins.items[i], false);
        return r;
}

/* What counts */

/* Of the keys that systemd has, most are lists, and only it knows which are not: all that was said
 * of them since the last empty assignment is shown. */
static bool is_once(const Entry *entry) {
        const Key *key = key_find(entry->section, entry->key);

        return key && key->flags & ONCE;
}

/* Whether what is assigned later leaves the entry nothing to say. */
static bool is_overridden(const UnitFile *unit, size_t i) {
        const Entry *entry = &unit->entries[i];

        for (size_t j = i + 1; j < unit->count; j++) {
                const Entry *later = &unit->entries[j];

                if (streq(later->section, entry->section) && streq(later->key, entry->key) &&
                    (!*later->value || is_once(entry)))
                        return true;
        }
        return !*entry->value;
}

enum { SECTION, KEY_NAME, VALUE, FROM, FROM_FILE, FROM_LINE };

static const Column columns[] = {
        [SECTION] = { "SECTION", "section", 0 },      [KEY_NAME] = { "KEY", "key", 0 },
        [VALUE] = { "VALUE", "value", COLUMN_WRAPS }, [FROM] = { "FROM", NULL, COLUMN_WRAPS },
        [FROM_FILE] = { NULL, "file", 0 },            [FROM_LINE] = { NULL, "line", 0 },
};

static void add_entry(Table *table, const Entry *entry) {
        _cleanup_free_ char *from = text_format("%s:%u", entry->where.file, entry->where.line);

        table->failed |= !from;
        table_begin_row(table);
        table_set_text(table, SECTION, entry->section);
        table_set_text(table, KEY_NAME, entry->key);
        table_set_text(table, VALUE, entry->value);
        table_set(table, FROM, from, NULL);
        table_set_text(table, FROM_FILE, entry->where.file);
        table_set_number(table, FROM_LINE, entry->where.line);
}

static int read_unit(const Source *source, UnitFile *unit) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = source_read(source, unit, &diagnostics);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_error_errno(r, "Failed to read %s: %m", source->path);
        return diagnostics.errors > 0 ? -EINVAL : 0;
}

/* Section by section, in the order in which these and the keys in them come up. */
static int add_effective(const Source *source, Table *table) {
        _cleanup_unit_file_ UnitFile unit = {};
        int r;

        r = read_unit(source, &unit);
        for (size_t i = 0; i < unit.sections.count && r != -ENOMEM; i++)
                for (size_t j = 0; j < unit.count; j++)
                        if (streq(unit.entries[j].section, unit.sections.items[i]) && !is_overridden(&unit, j))
                                add_entry(table, &unit.entries[j]);
        return r;
}

static int find(const char *argument, const StringList *search_path, Source *ret) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = argument_parse(argument, &type, &stem);
        if (r >= 0)
                r = strchr(argument, '/') ? source_from_path(argument, ret) : source_find(search_path, type, stem, ret);
        if (r == -ENOENT && !strchr(argument, '/'))
                log_error("There is no %s.%s in the search path", stem, file_type_name(type));
        else if (r == -EINVAL)
                log_error("\"%s\" is not the name of a file of berth's", argument);
        else if (r < 0)
                log_error_errno(r, "Failed to find %s: %m", argument);
        return r;
}

static int show(const Call *call, const char *argument, const StringList *search_path, Table *table) {
        _cleanup_source_ Source source = {};
        int r;

        r = find(argument, search_path, &source);
        if (r < 0)
                return r;
        if (source.masked) {
                log_info("%s is masked", source.path);
                return 0;
        }
        return call->values[EFFECTIVE] ? add_effective(&source, table) : print_files(&source);
}

static int run(const Call *call) {
        _cleanup_string_list_ StringList search_path = {};
        _cleanup_table_ Table table = TABLE_INIT(columns);
        int status = EXIT_SUCCESS, r;

        if (!call->values[EFFECTIVE] && (call->values[TABLE_JSON] || call->values[TABLE_NO_HEADINGS]))
                return command_misused(call, "Without --effective there is no table");
        r = search_path_get(call->values[USER] ? SCOPE_USER : places_scope(), &search_path);
        for (char **argument = call->arguments; *argument && r != -ENOMEM; argument++) {
                if (!call->values[EFFECTIVE] && argument > call->arguments)
                        putchar('\n');
                r = show(call, *argument, &search_path, &table);
                if (r < 0)
                        status = EXIT_FAILURE;
        }
        if (call->values[EFFECTIVE] && table_print(&table, call) < 0)
                r = -ENOMEM;
        return r == -ENOMEM ? log_oom(), EXIT_FAILURE : status;
}

const Verb verb_cat = {
        .name = "cat",
        .synopsis = "[OPTION…] NAME|FILE…",
        .summary = "Show files with their drop-ins",
        .help = "Print a container's or another file, and its drop-ins in the order in which they are read, each with "
                "its path.",
        .notes = "web is web.container; an instance (web@a) has the template's file when there is none of its own.",
        .options = (const Option[]) {
                TABLE_OPTIONS,
                [EFFECTIVE] = { .name = "effective",
                                .help = "Only what counts in the end, each key with the file and line that it is "
                                        "from" },
                [USER] = { .name = "user", .help = "Look where a user's service manager does" },
                {},
        },
        .least = 1,
        .most = ANY_NUMBER,
        .pages = true,
        .run = run,
};
