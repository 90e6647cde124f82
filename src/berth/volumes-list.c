/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth volumes: which volumes there are, and removing some. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/command.h"
#include "berth/command/output.h"
#include "source/places.h"
#include "volume/volume-list.h"
#include "volume/volume-uses.h"
#include "volume/volumes.h"

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

static int list(const Call *call, bool sizes) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        _cleanup_table_ Table table = TABLE_INIT(columns);
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

/* Removing */

static int remove_volume(const char *name) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        _cleanup_string_list_ StringList users = {};
        int r;

        r = volume_lock(place_path(PLACE_VOLUMES), name, false, &locked);
        if (r == -ENOENT || r == -EINVAL) {
                log_error("There is no volume \"%s\"", name);
                return r;
        }
        if (r >= 0)
                r = volume_find_users(name, &users);
        if (r >= 0 && users.count > 0) {
                log_error("The volume \"%s\" is not removed: the container %s has it", name, users.items[0]);
                return -EBUSY;
        }
        if (r >= 0 && volume_is_mounted(&locked) > 0) {
                log_error("The volume \"%s\" is not removed: something is mounted on it; stop its service first", name);
                return -EBUSY;
        }
        if (r >= 0)
                r = volume_remove(place_path(PLACE_VOLUMES), name, &locked);
        return r < 0 ? log_error_errno(r, "Failed to remove the volume \"%s\": %m", name) : 0;
}

static int remove_volumes(char **names) {
        int status = EXIT_SUCCESS;

        for (; *names; names++)
                if (remove_volume(*names) < 0)
                        status = EXIT_FAILURE;
        return status;
}

enum { SIZES = _TABLE_OPTION_COUNT };

static int run(const Call *call) {
        bool sizes = call->values[SIZES];

        if (call->argument_count == 0)
                return list(call, sizes);
        if (!streq(call->arguments[0], "rm"))
                return command_misused(call, "There is nothing like \"berth volumes %s\"", call->arguments[0]);
        if (call->argument_count == 1)
                return command_misused(call, "Something is missing: berth volumes rm VOLUME…");
        if (sizes || call->values[TABLE_JSON] || call->values[TABLE_NO_HEADINGS])
                return command_misused(call, "\"berth volumes rm\" takes no options");
        return remove_volumes(call->arguments + 1);
}

const Verb verb_volumes = {
        .name = "volumes",
        .synopsis = "[OPTION…] [rm VOLUME…]",
        .summary = "List volumes, and remove some",
        .help = "List the volumes, or remove some with all that is in them.",
        .notes = "A volume that a running container has is not removed.",
        .options = (const Option[]) {
                TABLE_OPTIONS,
                [SIZES] = { .name = "size", .help = "Measure how much of the disk each takes" },
                {},
        },
        .most = ANY_NUMBER,
        .for_users = FOR_USERS_AS_ROOT,
        .run = run,
};
