/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of berth prune that is about what lies beside the store. */
#include "berth/prune-leftovers.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/log.h"
#include "basic/text.h"
#include "host/bundle.h"
#include "image/download.h"
#include "source/places.h"
#include "source/sources.h"
#include "source/unit-name.h"
#include "start/checkpoint/checkpoint-pre.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/foreground/run-file.h"
#include "start/leftover/left-bundles.h"
#include "start/leftover/update-notes.h"
#include "volume/volumes.h"

static int prune_download(const char *name, bool dry_run) {
        _cleanup_download_ Download download = DOWNLOAD_INIT;
        _cleanup_free_ char *image = NULL, *size = NULL;
        int r;

        r = download_open_left(name, &download);
        if (r == -EWOULDBLOCK || r == -ENOENT)
                return 0;
        if (r < 0)
                return log_error_errno(r, "Failed to look at the download %s/%s: %m", place_path(PLACE_DOWNLOADS),
                                       name);
        image = download_image(&download);
        size = text_of_bytes(download_size(&download));
        if (!image || !size)
                return log_oom();
        if (!dry_run) {
                r = download_remove(&download);
                if (r < 0)
                        return log_error_errno(r, "Failed to remove the download %s: %m", download.path);
        }
        printf("%s what an interrupted pull of %s has fetched, %s\n", dry_run ? "would remove" : "removed", image,
               size);
        return 0;
}

int prune_downloads(bool dry_run) {
        _cleanup_string_list_ StringList names = {};
        int result, r;

        result = downloads_list(&names);
        if (result < 0)
                return log_error_errno(result, "Failed to read %s: %m", place_path(PLACE_DOWNLOADS));
        for (size_t i = 0; i < names.count; i++) {
                r = prune_download(names.items[i], dry_run);
                result = r < 0 ? r : result;
        }
        return result;
}

static int prune_bundle(const char *stem, bool dry_run) {
        int r = dry_run ? 1 : left_bundle_undo(stem);

        if (r < 0)
                return log_error_errno(r, "Failed to clean up after the container %s: %m", stem);
        if (r > 0)
                printf("%s after the container %s, which has ended without\n",
                       dry_run ? "would clean up" : "cleaned up", stem);
        return 0;
}

int prune_bundles(bool dry_run) {
        _cleanup_string_list_ StringList stems = {};
        int result, r;

        result = left_bundles_find(&stems);
        if (result < 0)
                return log_error_errno(result, "Failed to find what containers have left: %m");
        for (size_t i = 0; i < stems.count; i++) {
                r = prune_bundle(stems.items[i], dry_run);
                result = r < 0 ? r : result;
        }
        return result;
}

static int prune_volume(const char *entry, bool dry_run) {
        const char *directory = place_path(PLACE_VOLUMES), *done = dry_run ? "would remove" : "removed";
        int r = volume_sweep(directory, entry, !dry_run);

        if (r < 0)
                return log_error_errno(r, "Failed to remove what is left in %s/%s: %m", directory, entry);
        if (r == 1)
                printf("%s what an interrupted import into the volume %s has left\n", done, entry);
        else if (r > 1)
                printf("%s what an interrupted removal of a volume has left\n", done);
        return 0;
}

int prune_volumes(bool dry_run) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int result, r;

        result = directory_open(place_path(PLACE_VOLUMES), &directory);
        if (result < 0)
                return result == -ENOENT ? 0 : log_error_errno(result, "Failed to read %s: %m",
                                                               place_path(PLACE_VOLUMES));
        while ((r = directory_next(directory, &entry)) > 0) {
                r = prune_volume(entry->d_name, dry_run);
                result = r < 0 ? r : result;
        }
        return r < 0 ? log_error_errno(r, "Failed to read %s: %m", place_path(PLACE_VOLUMES)) : result;
}

/* Returns whether a file says that there is such a container. */
static int is_described(const char *stem) {
        _cleanup_source_ Source source = {};
        int r = source_find_scope(places_scope(), FILE_CONTAINER, stem, &source);

        return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

/* A stop has that removed; a power loss has not. */
static int prune_pre_checkpoint(const char *stem, const char *id, bool dry_run) {
        _cleanup_free_ char *path = checkpoint_path(id, CHECKPOINT_PRE);
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = path ? bundle_open(stem, &bundle) : -ENOMEM;

        if (r >= 0 && (bundle.fd >= 0 || access(path, F_OK) < 0))
                return 0;
        if (r >= 0 && !dry_run)
                r = checkpoint_pre_forget(id);
        if (r < 0)
                return log_error_errno(r, "Failed to remove what was written down before a checkpoint of %s: %m", stem);
        printf("%s what was written down before a checkpoint of %s, which does not run\n",
               dry_run ? "would remove" : "removed", stem);
        return 0;
}

static int prune_checkpoint(const char *id, bool dry_run) {
        _cleanup_free_ char *stem = container_stem_for(id);
        int r = stem ? is_described(stem) : -ENOMEM;
        bool empty;

        if (r > 0)
                return prune_pre_checkpoint(stem, id, dry_run);
        empty = checkpoint_is_empty(id);
        if (r == 0 && !dry_run)
                r = checkpoint_forget(id);
        if (r < 0)
                return log_error_errno(r, "Failed to remove the checkpoint of %s: %m", stem ?: id);
        if (!empty)
                printf("%s the checkpoint of %s, which no file describes\n", dry_run ? "would remove" : "removed",
                       stem);
        return 0;
}

int prune_checkpoints(bool dry_run) {
        _cleanup_string_list_ StringList ids = {};
        int result, r;

        result = checkpoints_list(&ids);
        if (result < 0)
                return log_error_errno(result, "Failed to read %s: %m", place_path(PLACE_CHECKPOINTS));
        for (size_t i = 0; i < ids.count; i++) {
                r = prune_checkpoint(ids.items[i], dry_run);
                result = r < 0 ? r : result;
        }
        return result;
}

static bool is_asked_for(const StoreView *view, const char *name) {
        for (size_t i = 0; i < view->needs.count; i++)
                if (image_need_matches(&view->needs.items[i], name))
                        return true;
        return false;
}

static int prune_update_note(const StoreView *view, const char *instance, bool dry_run) {
        _cleanup_free_ char *name = unit_name_unescape(instance);
        int r;

        if (!name)
                return log_oom();
        if (is_asked_for(view, name))
                return 0;
        r = dry_run ? 0 : update_note_remove(instance);
        if (r < 0)
                return log_error_errno(r, "Failed to remove the note about an update of %s: %m", name);
        printf("%s the note that an update of %s has failed\n", dry_run ? "would remove" : "removed", name);
        return 0;
}

int prune_update_notes(const StoreView *view, bool dry_run) {
        _cleanup_string_list_ StringList names = {};
        int result, r;

        result = update_notes_list(&names);
        if (result < 0)
                return log_error_errno(result, "Failed to read %s: %m", place_path(PLACE_UPDATE_NOTES));
        for (size_t i = 0; i < names.count; i++) {
                r = prune_update_note(view, names.items[i], dry_run);
                result = r < 0 ? r : result;
        }
        return result;
}

int prune_run_files(bool dry_run) {
        _cleanup_string_list_ StringList stems = {};
        int r = run_files_sweep(dry_run, &stems);

        for (size_t i = 0; i < stems.count; i++)
                printf("%s the file of %s, which a berth run --rm that was killed has left\n",
                       dry_run ? "would remove" : "removed", stems.items[i]);
        return r < 0 ? log_error_errno(r, "Failed to remove what killed commands have left: %m") : 0;
}
