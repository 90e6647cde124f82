/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The volumes whose content is in a checkpoint's archive. */
#include "start/checkpoint/checkpoint-imported-volumes.h"

#include <errno.h>

#include "basic/text.h"
#include "source/places.h"
#include "volume/volume-file.h"
#include "volume/volume-list.h"

static const VolumeEntry *find(const VolumeEntries *entries, const char *stem, const char *name) {
        for (size_t i = 0; i < entries->count; i++)
                if (streq(entries->items[i].name, name))
                        return string_list_contains(&entries->items[i].containers, stem) ? &entries->items[i] : NULL;
        return NULL;
}

static int check(const VolumeEntry *entry, const char *stem, const char *name, Diagnostics *diagnostics) {
        if (!entry)
                return diagnose_error(diagnostics, NULL,
                                      "the archive has the content of the volume \"%s\", which \"%s\" does not mount; "
                                      "use --ignore-volumes",
                                      name, stem);
        if (entry->volume && (entry->volume->device || volume_is_image(entry->volume)))
                return diagnose_error(diagnostics, NULL,
                                      "the content of the volume \"%s\" comes from elsewhere here; use "
                                      "--ignore-volumes",
                                      name);
        if (entry->running.count > 0)
                return diagnose_error(diagnostics, NULL, "%s has the volume \"%s\" just now; use --ignore-volumes",
                                      entry->running.items[0], name);
        return 0;
}

static int open_volume(const VolumeEntry *entry, ImportedVolume *volume, Diagnostics *diagnostics) {
        int r = volume_lock(place_path(PLACE_VOLUMES), volume->name, true, &volume->locked);

        if (r < 0)
                return r;
        volume->made = !entry->made;
        r = volume_file_make(entry->volume, &volume->locked, diagnostics);
        if (r >= 0)
                r = volume_is_empty(&volume->locked);
        if (r == 0 || (r > 0 && volume_is_mounted(&volume->locked) > 0))
                return diagnose_error(diagnostics, NULL,
                                      "the volume \"%s\" is there and not empty; --ignore-volumes leaves it as it is",
                                      volume->name);
        if (r < 0)
                return r;
        r = volume_begin(&volume->locked);
        if (r >= 0)
                volume->fd = r;
        return r < 0 ? r : 0;
}

int imported_volumes_open(const char *stem, const StringList *names, Diagnostics *diagnostics, ImportedVolumes *ret) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        int r = names->count > 0 ? volume_entries_get(false, &entries) : 0;

        for (size_t i = 0; i < names->count && r >= 0; i++)
                r = check(find(&entries, stem, names->items[i]), stem, names->items[i], diagnostics);
        if (r < 0)
                return r;
        ret->items = calloc(names->count + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < names->count && r >= 0; i++) {
                ImportedVolume *volume = &ret->items[ret->count++];

                *volume = (ImportedVolume) {
                        .name = strdup(names->items[i]),
                        .path = text_format(CHECKPOINT_VOLUMES "/%s", names->items[i]),
                        .locked = LOCKED_VOLUME_INIT,
                        .fd = -EBADF,
                };
                r = !volume->name || !volume->path
                            ? -ENOMEM
                            : open_volume(find(&entries, stem, volume->name), volume, diagnostics);
        }
        return r;
}

int imported_volumes_finish(ImportedVolumes *volumes) {
        int r = 0;

        for (size_t i = 0; i < volumes->count && r >= 0; i++) {
                r = volume_replace(&volumes->items[i].locked);
                volumes->items[i].done = r >= 0;
        }
        return r;
}

void imported_volumes_done(ImportedVolumes *volumes) {
        for (size_t i = 0; i < volumes->count; i++) {
                ImportedVolume *volume = &volumes->items[i];

                if (!volume->done && volume->locked.fd >= 0) {
                        (void) volume_give_up(&volume->locked);
                        if (volume->made)
                                (void) volume_remove(place_path(PLACE_VOLUMES), volume->name, &volume->locked);
                }
                fd_close(volume->fd);
                locked_volume_done(&volume->locked);
                free(volume->name);
                free(volume->path);
        }
        volumes->items = x_free(volumes->items);
        volumes->count = 0;
}
