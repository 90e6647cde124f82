/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth volumes: which volumes there are, and what is done to some. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/volumes/volume-commands.h"
#include "source/unit-name.h"
#include "volume/volume-list.h"

enum { VOLUME, DRIVER, LOCATION, STATE, MADE, MOUNTED, SIZE, PATH, FILE_PATH, UNIT,
       DEVICE, LABELS, USED_BY, CONTAINERS, RUNNING };

static const Column columns[] = {
        [VOLUME] = { "VOLUME", "name", COLUMN_WRAPS },
        [DRIVER] = { "DRIVER", "driver", 0 },
        [LOCATION] = { NULL, "path", 0 },
        [STATE] = { "STATE", NULL, 0 },
        [MADE] = { NULL, "made", 0 },
        [MOUNTED] = { NULL, "mounted", 0 },
        [SIZE] = { "SIZE", "size", COLUMN_RIGHT },
        [PATH] = { "PATH", NULL, COLUMN_WRAPS },
        [FILE_PATH] = { NULL, "file", 0 },
        [UNIT] = { NULL, "unit", 0 },
        [DEVICE] = { NULL, "device", 0 },
        [LABELS] = { NULL, "labels", 0 },
        [USED_BY] = { "USED BY", NULL, COLUMN_WRAPS },
        [CONTAINERS] = { NULL, "containers", 0 },
        [RUNNING] = { NULL, "running", 0 },
};

static const char *state_name(const VolumeEntry *entry) {
        return entry->mounted ? "mounted" : entry->made ? "made" : "not made";
}

/* "web, db (running)" */
static void set_users(Table *table, const VolumeEntry *entry) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < entry->containers.count; i++) {
                _cleanup_free_ char *id = container_id_for(entry->containers.items[i]);

                text_appendf(&text, "%s%s", i > 0 ? ", " : "", entry->containers.items[i]);
                if (id && string_list_contains(&entry->running, id))
                        text_append(&text, " (running)");
        }
        table->failed |= text.failed;
        table_set(table, USED_BY, text.data, NULL);
}

static void add_entry(Table *table, const VolumeEntry *entry, bool sizes) {
        static const StringList none = {};
        const Volume *volume = entry->volume;

        table_begin_row(table);
        table_set_text(table, VOLUME, entry->name);
        table_set_text(table, DRIVER, volume && volume_is_image(volume) ? "image" : "local");
        table_set_text(table, STATE, state_name(entry));
        table_set_bool(table, MADE, entry->made);
        table_set_bool(table, MOUNTED, entry->mounted);
        if (sizes && entry->made)
                table_set_bytes(table, SIZE, entry->size_bytes);
        table_set_text(table, LOCATION, entry->path);
        table_set_text(table, PATH, entry->path);
        table_set_text(table, FILE_PATH, volume ? volume->path : NULL);
        table_set_text(table, UNIT, volume ? volume->unit_name : NULL);
        table_set_text(table, DEVICE, volume ? volume->device : NULL);
        table_set_list(table, LABELS, volume ? &volume->labels : &none);
        set_users(table, entry);
        table_set_list(table, CONTAINERS, &entry->containers);
        table_set_list(table, RUNNING, &entry->running);
}

enum { SIZES = _TABLE_OPTION_COUNT, OUTPUT, REPLACE };

static int list(const Call *call) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        _cleanup_table_ Table table = TABLE_INIT(columns);
        bool sizes = call->values[SIZES];
        int r;

        if (!sizes)
                table_hide(&table, SIZE);
        r = volume_entries_get(sizes, &entries);
        if (r >= 0) {
                for (size_t i = 0; i < entries.count; i++)
                        add_entry(&table, &entries.items[i], sizes);
                r = table_print(&table, call);
        }
        if (r < 0)
                log_error_errno(r, "Failed to list the volumes: %m");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Commands */

/* The same for each of the names. */
static int for_each(const Call *call, int (*command)(const char *name)) {
        int status = EXIT_SUCCESS;

        for (char **name = call->arguments + 1; *name; name++)
                if (command(*name) < 0)
                        status = EXIT_FAILURE;
        return status;
}

static int create(const Call *call) {
        return for_each(call, volume_command_create);
}

static int remove_them(const Call *call) {
        return for_each(call, volume_command_remove);
}

/* "-" is standard input or output, which are NULL. */
static const char *file_argument(const char *file) {
        return file && streq(file, "-") ? NULL : file;
}

static int export(const Call *call) {
        const char *file = file_argument(call->values[OUTPUT]);

        if (!file && isatty(STDOUT_FILENO))
                return command_misused(call, "An archive is nothing to show on a terminal: use -o FILE");
        return volume_command_export(call->arguments[1], file) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int import(const Call *call) {
        const char *file = file_argument(call->argument_count > 2 ? call->arguments[2] : NULL);

        if (!file && isatty(STDIN_FILENO))
                return command_misused(call, "An archive is nothing to type: use berth volumes import VOLUME FILE");
        return volume_command_import(call->arguments[1], file, call->values[REPLACE]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What "berth inspect" says, of volumes only. */
static int inspect(const Call *call) {
        _cleanup_string_list_ StringList names = {};
        Call other = { .verb = &verb_inspect, .values = { call->values[TABLE_JSON] } };

        for (char **name = call->arguments + 1; *name; name++) {
                _cleanup_free_ char *file = text_format("%s%s", *name, endswith(*name, ".volume") ? "" : ".volume");

                if (!file || string_list_add(&names, file) < 0)
                        return log_oom(), EXIT_FAILURE;
        }
        other.arguments = names.items;
        other.argument_count = names.count;
        return verb_inspect.run(&other);
}

static const Subcommand subcommands[] = {
        { "", "", 0, 0, 1 << TABLE_JSON | 1 << TABLE_NO_HEADINGS | 1 << SIZES, list },
        { "create", "VOLUME…", 1, ANY_NUMBER, 0, create },
        { "export", "[-o FILE] VOLUME", 1, 1, 1 << OUTPUT, export },
        { "import", "[--replace] VOLUME [FILE]", 1, 2, 1 << REPLACE, import },
        { "inspect", "[--json] VOLUME…", 1, ANY_NUMBER, 1 << TABLE_JSON, inspect },
        { "rm", "VOLUME…", 1, ANY_NUMBER, 0, remove_them },
        {},
};

const Verb verb_volumes = {
        .name = "volumes",
        .synopsis = "[OPTION…] [create|export|import|inspect|rm VOLUME…]",
        .summary = "List volumes, make and remove some, archive what they have",
        .help = "List the volumes, or make, show or remove some. \"export VOLUME\" writes an archive of what is "
                "in one, with owners, extended attributes, ACLs and holes, and \"import VOLUME [FILE]\" makes one of "
                "it.",
        .notes = "A volume that a running container has is not removed, nor is an archive imported to it. A volume "
                 "gets its new content as a whole or not at all.",
        .options = (const Option[]) {
                TABLE_OPTIONS,
                [SIZES] = { .name = "size", .help = "Measure how much of the disk each takes" },
                [OUTPUT] = { .name = "output", .argument = "FILE", .letter = 'o',
                             .help = "Export to a file instead of standard output" },
                [REPLACE] = { .name = "replace", .help = "Import also to a volume that has something in it, which "
                                                         "is removed" },
                {},
        },
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .pages = true,
        .subcommands = subcommands,
};
