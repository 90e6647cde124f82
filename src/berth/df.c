/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth df: what takes how much of the disk, and what prune would free. */
#include <errno.h>
#include <fcntl.h>

#include "basic/directory.h"
#include "basic/disk-usage.h"
#include "basic/log.h"
#include "basic/path.h"
#include "berth/berth-verbs.h"
#include "berth/command/output.h"
#include "berth/store-view.h"
#include "image/collect.h"
#include "image/download.h"
#include "source/places.h"
#include "start/checkpoint/checkpoint-store.h"
#include "volume/volume-list.h"

enum { WHAT, COUNT, SIZE, RECLAIMABLE, PATH };

static const Column columns[] = {
        [WHAT] = { "WHAT", "what", 0 },
        [COUNT] = { "COUNT", "count", COLUMN_RIGHT },
        [SIZE] = { "SIZE", "size", COLUMN_RIGHT },
        [RECLAIMABLE] = { "RECLAIMABLE", "reclaimable", COLUMN_RIGHT },
        [PATH] = { "PATH", "path", COLUMN_WRAPS },
};

typedef struct Amount {
        size_t count;
        uint64_t bytes, reclaimable_bytes;
} Amount;

static void add_row(Table *table, const char *what, const Amount *amount, const char *path) {
        table_begin_row(table);
        table_set_text(table, WHAT, what);
        table_set_number(table, COUNT, amount->count);
        table_set_bytes(table, SIZE, amount->bytes);
        table_set_bytes(table, RECLAIMABLE, amount->reclaimable_bytes);
        table_set_text(table, PATH, path);
}

static bool is_unneeded(const StoredImage *image, void *userdata) {
        return !store_view_is_needed(userdata, image);
}

/* Blobs and layers, of images and of none. */
static int measure_store(StoreView *view, Amount *ret) {
        static const ImagesInUse nobody = {};
        static const Catalog nothing = {};
        _cleanup_garbage_ Garbage all = {}, garbage = {};
        int r;

        r = garbage_find(&view->store, &nothing, NULL, NULL, &nobody, &all);
        if (r >= 0)
                r = garbage_find(&view->store, &view->catalog, is_unneeded, view, &view->in_use, &garbage);
        if (r < 0)
                return r;
        *ret = (Amount) { view->catalog.count, all.bytes, garbage.bytes };
        return 0;
}

static int add_images(Table *table) {
        _cleanup_store_view_ StoreView view = STORE_VIEW_INIT;
        Amount amount = {};
        int r;

        r = store_view_open(STORE_LOOK, &view);
        if (r < 0)
                return r;
        if (r > 0) {
                r = measure_store(&view, &amount);
                if (r < 0)
                        return log_error_errno(r, "Failed to measure the store %s: %m", place_path(PLACE_STATE));
        }
        add_row(table, "images", &amount, place_path(PLACE_STATE));
        return 0;
}

/* A pull that goes on keeps what it has fetched. */
static uint64_t reclaimable_of(const char *name) {
        _cleanup_download_ Download download = DOWNLOAD_INIT;

        return download_open_left(name, &download) >= 0 ? download_size(&download) : 0;
}

/* Measures each directory in `place`. */
static int add_directories(Table *table, const char *what, Place place) {
        _cleanup_string_list_ StringList names = {};
        Amount amount = {};
        int r = directory_list(place_path(place), &names);

        for (size_t i = 0; i < names.count && r >= 0; i++) {
                _cleanup_free_ char *path = path_join(place_path(place), names.items[i]);
                uint64_t bytes = 0;

                r = path ? disk_usage_at(AT_FDCWD, path, &bytes) : -ENOMEM;
                if (place == PLACE_CHECKPOINTS && checkpoint_is_empty(names.items[i]))
                        continue;
                if (r == -ENOENT || r == -ENOTDIR) { /* a lock beside them, or gone meanwhile */
                        r = 0;
                        continue;
                }
                amount.count++;
                amount.bytes += bytes;
                if (r >= 0 && place == PLACE_DOWNLOADS)
                        amount.reclaimable_bytes += reclaimable_of(names.items[i]);
        }
        if (r < 0)
                return log_error_errno(r, "Failed to measure %s: %m", place_path(place));
        add_row(table, what, &amount, place_path(place));
        return 0;
}

/* A user has none. */
static int add_checkpoints(Table *table) {
        return places_scope() == SCOPE_SYSTEM ? add_directories(table, "checkpoints", PLACE_CHECKPOINTS) : 0;
}

static int add_volumes(Table *table) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        Amount amount = {};
        int r;

        r = volume_entries_get(true, &entries);
        if (r < 0)
                return log_error_errno(r, "Failed to measure the volumes: %m");
        for (size_t i = 0; i < entries.count; i++) {
                amount.count += entries.items[i].made;
                amount.bytes += entries.items[i].made ? entries.items[i].size_bytes : 0;
        }
        add_row(table, "volumes", &amount, place_path(PLACE_VOLUMES));
        return 0;
}

static int run(const Call *call) {
        _cleanup_table_ Table table = TABLE_INIT(columns);
        int r;

        if (add_images(&table) < 0 || add_directories(&table, "downloads", PLACE_DOWNLOADS) < 0 ||
            add_directories(&table, "containers", PLACE_CONTAINERS) < 0 || add_checkpoints(&table) < 0 ||
            add_volumes(&table) < 0)
                return EXIT_FAILURE;
        r = table_print(&table, call);
        if (r < 0)
                log_error_errno(r, "Failed to print the table: %m");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_df = {
        .name = "df",
        .synopsis = "[OPTION…]",
        .summary = "Show what takes how much of the disk",
        .help = "Show how much of the disk images, interrupted downloads, what containers have written, checkpoints "
                "and volumes take, and how much of it berth prune would free.",
        .options = (const Option[]) { TABLE_OPTIONS, {} },
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .pages = true,
        .run = run,
};
