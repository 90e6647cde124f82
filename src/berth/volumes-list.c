/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth volumes: which volumes there are, and removing some. */
#include "berth/volumes-list.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "source/places.h"
#include "volume/volume-list.h"
#include "volume/volume-uses.h"
#include "volume/volumes.h"

enum { EXIT_USAGE = 2 };

static int usage(FILE *stream) {
        fputs("Usage: berth volumes [OPTION…] [rm VOLUME…]\n\n"
              "List the volumes, or remove some with all that is in them.\n\n"
              "Options:\n"
              "  --size  Measure how much of the disk each takes\n"
              "  --json  Print a JSON array of objects instead of a table\n"
              "  --help  Show this text\n\n"
              "A volume that a running container has is not removed.\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

/* As a table */

enum { COLUMNS = 6 };

typedef struct Row {
        char *cells[COLUMNS];
} Row;

static void row_done(Row *row) {
        for (size_t i = 0; i < COLUMNS; i++)
                free(row->cells[i]);
}

static const char *state_name(const VolumeEntry *entry) {
        return entry->mounted ? "mounted" : entry->made ? "made" : "not made";
}

/* "web, db (running)" */
static char *users_text(const VolumeEntry *entry) {
        _cleanup_text_ Text text = {};
        char *users;

        if (entry->containers.count == 0)
                return strdup("-");
        for (size_t i = 0; i < entry->containers.count; i++) {
                _cleanup_free_ char *id = container_id_for(entry->containers.items[i]);

                text_appendf(&text, "%s%s", i > 0 ? ", " : "", entry->containers.items[i]);
                if (id && string_list_contains(&entry->running, id))
                        text_append(&text, " (running)");
        }
        return text_take(&text, &users) < 0 ? NULL : users;
}

static bool row_fill(Row *row, const VolumeEntry *entry, bool sizes) {
        *row = (Row) { {
                strdup(entry->name),
                strdup(entry->volume && volume_is_image(entry->volume) ? "image" : "local"),
                strdup(state_name(entry)),
                sizes && entry->made ? text_of_bytes(entry->size_bytes) : strdup("-"),
                strdup(entry->path),
                users_text(entry),
        } };
        for (size_t i = 0; i < COLUMNS; i++)
                if (!row->cells[i])
                        return false;
        return true;
}

static void print_row(char *const cells[], const int widths[], bool sizes) {
        for (size_t i = 0; i + 1 < COLUMNS; i++)
                if (i != 3 || sizes)
                        printf("%-*s  ", widths[i], cells[i]);
        puts(cells[COLUMNS - 1]);
}

static int print_table(const VolumeEntries *entries, bool sizes) {
        static char *const heads[COLUMNS] = { (char *) "VOLUME", (char *) "DRIVER", (char *) "STATE",
                                              (char *) "SIZE",   (char *) "PATH",   (char *) "USED BY" };
        Row *rows = calloc(entries->count + 1, sizeof(*rows));
        int widths[COLUMNS], r = rows ? 0 : -ENOMEM;

        for (size_t j = 0; j < COLUMNS; j++)
                widths[j] = (int) strlen(heads[j]);
        for (size_t i = 0; i < entries->count && r >= 0; i++) {
                if (!row_fill(&rows[i], &entries->items[i], sizes))
                        r = -ENOMEM;
                for (size_t j = 0; j < COLUMNS && r >= 0; j++)
                        if ((int) strlen(rows[i].cells[j]) > widths[j])
                                widths[j] = (int) strlen(rows[i].cells[j]);
        }
        if (r >= 0) {
                print_row(heads, widths, sizes);
                for (size_t i = 0; i < entries->count; i++)
                        print_row(rows[i].cells, widths, sizes);
        }
        for (size_t i = 0; rows && i < entries->count; i++)
                row_done(&rows[i]);
        free(rows);
        return r;
}

/* As JSON */

static json_object *strings_to_json(const StringList *list) {
        json_object *array = json_object_new_array();

        for (size_t i = 0; array && i < list->count; i++)
                json_object_array_add(array, json_object_new_string(list->items[i]));
        return array;
}

static json_object *string_to_json(const char *text) {
        return text ? json_object_new_string(text) : NULL;
}

static json_object *entry_to_json(const VolumeEntry *entry, bool sizes) {
        static const StringList none = {};
        const Volume *volume = entry->volume;
        json_object *object = json_object_new_object();

        if (!object)
                return NULL;
        json_object_object_add(object, "name", json_object_new_string(entry->name));
        json_object_object_add(object, "driver",
                               json_object_new_string(volume && volume_is_image(volume) ? "image" : "local"));
        json_object_object_add(object, "path", json_object_new_string(entry->path));
        json_object_object_add(object, "made", json_object_new_boolean(entry->made));
        json_object_object_add(object, "mounted", json_object_new_boolean(entry->mounted));
        if (sizes)
                json_object_object_add(object, "size",
                                       entry->made ? json_object_new_int64((int64_t) entry->size_bytes) : NULL);
        json_object_object_add(object, "file", string_to_json(volume ? volume->path : NULL));
        json_object_object_add(object, "unit", string_to_json(volume ? volume->unit_name : NULL));
        json_object_object_add(object, "device", string_to_json(volume ? volume->device : NULL));
        json_object_object_add(object, "labels", strings_to_json(volume ? &volume->labels : &none));
        json_object_object_add(object, "containers", strings_to_json(&entry->containers));
        json_object_object_add(object, "running", strings_to_json(&entry->running));
        return object;
}

static int print_json(const VolumeEntries *entries, bool sizes) {
        json_object *array = json_object_new_array();
        const char *text = NULL;

        for (size_t i = 0; array && i < entries->count; i++)
                json_object_array_add(array, entry_to_json(&entries->items[i], sizes));
        if (array)
                text = json_object_to_json_string_ext(array, JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_PRETTY);
        if (text)
                puts(text);
        json_object_put(array);
        return text ? 0 : -ENOMEM;
}

static int list(bool json, bool sizes) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        int r;

        r = volume_entries_get(sizes, &entries);
        if (r >= 0)
                r = json ? print_json(&entries, sizes) : print_table(&entries, sizes);
        if (r >= 0 && fflush(stdout) < 0)
                r = -errno;
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

        if (!*names)
                return usage(stderr);
        for (; *names; names++)
                if (remove_volume(*names) < 0)
                        status = EXIT_FAILURE;
        return status;
}

int verb_volumes(int argc, char **argv) {
        enum { OPTION_SIZE = 0x100, OPTION_JSON, OPTION_HELP };
        static const struct option options[] = {
                { "size", no_argument, NULL, OPTION_SIZE },
                { "json", no_argument, NULL, OPTION_JSON },
                { "help", no_argument, NULL, OPTION_HELP },
                {},
        };
        bool json = false, sizes = false;
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case OPTION_SIZE:
                        sizes = true;
                        break;
                case OPTION_JSON:
                        json = true;
                        break;
                case OPTION_HELP:
                        return usage(stdout);
                default:
                        return usage(stderr);
                }
        if (optind == argc)
                return list(json, sizes);
        if (json || sizes || !streq(argv[optind], "rm"))
                return usage(stderr);
        return remove_volumes(argv + optind + 1);
}
