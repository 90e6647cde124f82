/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All volumes: those that there are, and those that the files speak of. */
#include "volume/volume-list.h"

#include <errno.h>

#include "basic/directory.h"
#include "kind/load.h"
#include "source/places.h"
#include "source/sources.h"
#include "volume/volume-file.h"
#include "volume/volume-uses.h"
#include "volume/volumes.h"

static void entry_done(VolumeEntry *entry) {
        free(entry->name);
        free(entry->path);
        volume_free(entry->volume);
        string_list_done(&entry->containers);
        string_list_done(&entry->running);
}

/* The entry of this name, a new one if need be; valid until the next. NULL when memory is short. */
static VolumeEntry *get_entry(VolumeEntries *entries, const char *name) {
        VolumeEntry *entry;

        for (size_t i = 0; i < entries->count; i++)
                if (streq(entries->items[i].name, name))
                        return &entries->items[i];
        if (ARRAY_RESERVE(entries->items, entries->allocated, entries->count + 1) < 0)
                return NULL;
        entry = &entries->items[entries->count++];
        entry->name = strdup(name);
        entry->path = volume_data_path(place_path(PLACE_VOLUMES), name);
        return entry->name && entry->path ? entry : NULL;
}

/* The volume of the file `stem`, which may be a template's instance; a plain name when there is
 * none. Returns NULL when memory is short. */
static VolumeEntry *get_entry_of(VolumeEntries *entries, const char *stem) {
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        _cleanup_volume_ Volume *volume = NULL;
        VolumeEntry *entry;
        int r;

        for (size_t i = 0; i < entries->count; i++)
                if (entries->items[i].volume && streq(entries->items[i].volume->stem, stem))
                        return &entries->items[i];
        r = volume_look_up(stem, NULL, &elsewhere, &volume);
        if (r == -ENOMEM)
                return NULL;
        entry = get_entry(entries, volume ? volume_name(volume) : stem);
        if (entry && !entry->volume)
                entry->volume = TAKE_PTR(volume);
        return entry;
}

static int add_files(const Sources *sources, VolumeEntries *entries) {
        for (size_t i = 0; i < sources->count; i++) {
                const Source *source = &sources->items[i];

                if (source->type == FILE_VOLUME && !source->masked && !stem_is_template(source->stem) &&
                    !get_entry_of(entries, source->stem))
                        return -ENOMEM;
        }
        return 0;
}

/* A directory may be that of a template's instance, which goes by its name, too. */
static int add_made(VolumeEntries *entries) {
        _cleanup_string_list_ StringList names = {};
        int r;

        r = directory_list(place_path(PLACE_VOLUMES), &names);
        for (size_t i = 0; i < names.count && r >= 0; i++) {
                VolumeEntry *entry = get_entry(entries, names.items[i]);

                if (entry && !entry->volume)
                        entry = get_entry_of(entries, names.items[i]);
                r = entry ? 0 : -ENOMEM;
        }
        return r;
}

static int add_container(const Container *container, VolumeEntries *entries) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *mount = &container->volumes.items[i];
                _cleanup_free_ char *stem = NULL;
                const char *end;
                VolumeEntry *entry;

                if (mount->kind != VOLUME_NAMED && mount->kind != VOLUME_FILE)
                        continue;
                end = endswith(mount->source, ".volume");
                stem = end ? strndup(mount->source, (size_t) (end - mount->source)) : strdup(mount->source);
                entry = stem ? get_entry_of(entries, stem) : NULL;
                if (!entry || (!string_list_contains(&entry->containers, container->stem) &&
                               string_list_add(&entry->containers, container->stem) < 0))
                        return -ENOMEM;
        }
        return 0;
}

static int add_containers(const Sources *sources, VolumeEntries *entries) {
        const SpecifierContext machine = { .scope = places_scope() };
        int r = 0;

        for (size_t i = 0; i < sources->count && r != -ENOMEM; i++) {
                _cleanup_diagnostics_ Diagnostics elsewhere = {};
                _cleanup_container_ Container *container = NULL;

                if (sources->items[i].type != FILE_CONTAINER || sources->items[i].masked)
                        continue;
                r = container_read(&sources->items[i], &machine, &elsewhere, &container);
                if (container)
                        r = add_container(container, entries);
        }
        return r == -ENOMEM ? r : 0;
}

static int look_at(VolumeEntry *entry, bool size) {
        int r;

        r = volume_look(place_path(PLACE_VOLUMES), entry->name, &entry->mounted);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        entry->made = true;
        r = volume_find_users(entry->name, &entry->running);
        return r < 0 || !size ? r : volume_measure(place_path(PLACE_VOLUMES), entry->name, &entry->size_bytes);
}

static int compare_entries(const void *x, const void *y) {
        const VolumeEntry *a = x, *b = y;

        return strcmp(a->name, b->name);
}

int volume_entries_get(bool sizes, VolumeEntries *ret) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        _cleanup_sources_ Sources sources = {};
        int r = sources_scan_scope(places_scope(), &sources, NULL);

        if (r >= 0)
                r = add_files(&sources, &entries);
        if (r >= 0)
                r = add_made(&entries);
        if (r >= 0)
                r = add_containers(&sources, &entries);
        for (size_t i = 0; i < entries.count && r >= 0; i++)
                r = look_at(&entries.items[i], sizes);
        if (r < 0)
                return r;
        if (entries.count > 1)
                qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
        *ret = entries;
        entries = (VolumeEntries) {};
        return 0;
}

void volume_entries_done(VolumeEntries *entries) {
        for (size_t i = 0; i < entries->count; i++)
                entry_done(&entries->items[i]);
        entries->items = x_free(entries->items);
        entries->count = entries->allocated = 0;
}
