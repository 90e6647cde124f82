/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing from the store what nothing leads to. */
#include "image/collect.h"

#include <errno.h>
#include <time.h>

int store_lock_alone(const Store *store, uint64_t timeout_usec, int *ret_fd) {
        enum { PAUSE_USEC = 20 * 1000 };
        const struct timespec pause = { .tv_nsec = PAUSE_USEC * 1000L };
        int r;

        for (uint64_t waited = 0;; waited += PAUSE_USEC) {
                r = store_lock(store, STORE_LOCK_TRY_EXCLUSIVE, ret_fd);
                if (r != -EWOULDBLOCK || waited >= timeout_usec)
                        return r;
                (void) nanosleep(&pause, NULL);
        }
}

typedef struct Kept {
        StringList blobs, layers;
} Kept;

static void kept_done(Kept *kept) {
        string_list_done(&kept->blobs);
        string_list_done(&kept->layers);
}

static int keep(Kept *kept, const ImageParts *parts) {
        int r = string_list_extend(&kept->blobs, &parts->blobs);

        return r < 0 ? r : string_list_extend(&kept->layers, &parts->diff_ids);
}

/* The image that a container was started from may have no reference any more. */
static int keep_in_use(const Store *store, const ImagesInUse *in_use, Kept *kept) {
        for (size_t i = 0; i < in_use->count; i++) {
                _cleanup_image_parts_ ImageParts parts = {};
                int r;

                r = image_parts_read(store, in_use->items[i].manifest, &parts);
                if (r >= 0)
                        r = keep(kept, &parts);
                if (r >= 0)
                        r = string_list_extend(&kept->layers, &in_use->items[i].diff_ids);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int find_blobs(const Store *store, const Kept *kept, Garbage *garbage) {
        _cleanup_string_list_ StringList all = {};
        int r;

        r = store_list_blobs(store, &all);
        for (size_t i = 0; i < all.count && r >= 0; i++) {
                uint64_t size = 0;

                if (!digest_is_valid(all.items[i]) || string_list_contains(&kept->blobs, all.items[i]))
                        continue;
                r = store_has_blob(store, all.items[i], &size);
                if (r >= 0)
                        r = string_list_add(&garbage->blobs, all.items[i]);
                garbage->bytes += size;
        }
        return r < 0 ? r : 0;
}

static int find_layers(const Store *store, const Kept *kept, Garbage *garbage) {
        _cleanup_string_list_ StringList all = {};
        int r;

        r = store_list_layers(store, &all);
        for (size_t i = 0; i < all.count && r >= 0; i++) {
                uint64_t size = 0;

                if (!digest_is_valid(all.items[i]) || string_list_contains(&kept->layers, all.items[i]))
                        continue;
                (void) layer_disk_usage(store, all.items[i], &size);
                r = string_list_add(&garbage->layers, all.items[i]);
                garbage->bytes += size;
        }
        return r;
}

int garbage_find(const Store *store, const Catalog *catalog, bool (*skip)(const StoredImage *image, void *userdata),
                 void *userdata, const ImagesInUse *in_use, Garbage *ret) {
        _cleanup_(kept_done) Kept kept = {};
        _cleanup_garbage_ Garbage garbage = {};
        int r = 0;

        for (size_t i = 0; i < catalog->count && r >= 0; i++)
                if (!skip || !skip(&catalog->items[i], userdata))
                        r = keep(&kept, &catalog->items[i].parts);
        if (r >= 0)
                r = keep_in_use(store, in_use, &kept);
        if (r >= 0)
                r = find_blobs(store, &kept, &garbage);
        if (r >= 0)
                r = find_layers(store, &kept, &garbage);
        if (r < 0)
                return r;
        *ret = garbage;
        garbage = (Garbage) {};
        return 0;
}

int garbage_discard(const Store *store, const Garbage *garbage, const Staging *trash) {
        int result = 0;

        for (size_t i = 0; i < garbage->layers.count; i++) {
                int r = store_discard_layer(store, garbage->layers.items[i], trash->fd);
                if (r < 0 && r != -ENOENT)
                        result = r;
        }
        for (size_t i = 0; i < garbage->blobs.count; i++) {
                int r = store_discard_blob(store, garbage->blobs.items[i], trash->fd);
                if (r < 0 && r != -ENOENT)
                        result = r;
        }
        return result;
}

void garbage_done(Garbage *garbage) {
        string_list_done(&garbage->blobs);
        string_list_done(&garbage->layers);
}
