/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images: what the store has. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/output.h"
#include "berth/store-view.h"

/* How large each layer is, and how many images have it. */
typedef struct LayerUse {
        const char *diff_id; /* borrowed from the catalog */
        uint64_t bytes;
        size_t images;
} LayerUse;

typedef struct Listing {
        StoreView view;
        LayerUse *layers;
        size_t layer_count, layers_allocated;
} Listing;

typedef struct ImageSize {
        uint64_t bytes;        /* all its unpacked layers */
        uint64_t shared_bytes; /* those that other images have, too */
} ImageSize;

static void listing_done(Listing *listing) {
        listing->layers = x_free(listing->layers);
        store_view_done(&listing->view);
}

static LayerUse *find_layer(const Listing *listing, const char *diff_id) {
        for (size_t i = 0; i < listing->layer_count; i++)
                if (streq(listing->layers[i].diff_id, diff_id))
                        return &listing->layers[i];
        return NULL;
}

/* An image that has a layer twice has it once on disk. */
static bool is_first(const StringList *diff_ids, size_t i) {
        for (size_t j = 0; j < i; j++)
                if (streq(diff_ids->items[j], diff_ids->items[i]))
                        return false;
        return true;
}

static int count_layer(Listing *listing, const char *diff_id) {
        LayerUse *layer = find_layer(listing, diff_id);

        if (!layer) {
                if (ARRAY_RESERVE(listing->layers, listing->layers_allocated, listing->layer_count + 1) < 0)
                        return -ENOMEM;
                layer = &listing->layers[listing->layer_count++];
                *layer = (LayerUse) { .diff_id = diff_id };
                (void) layer_disk_usage(&listing->view.store, diff_id, &layer->bytes); /* a missing one has no size */
        }
        layer->images++;
        return 0;
}

static int count_layers(Listing *listing) {
        const Catalog *catalog = &listing->view.catalog;
        int r = 0;

        for (size_t i = 0; i < catalog->count; i++) {
                const StringList *diff_ids = &catalog->items[i].parts.diff_ids;

                for (size_t j = 0; j < diff_ids->count && r >= 0; j++)
                        if (is_first(diff_ids, j))
                                r = count_layer(listing, diff_ids->items[j]);
        }
        return r;
}

static ImageSize size_of(const Listing *listing, const StoredImage *image) {
        const StringList *diff_ids = &image->parts.diff_ids;
        ImageSize size = {};

        for (size_t i = 0; i < diff_ids->count; i++) {
                const LayerUse *layer = find_layer(listing, diff_ids->items[i]);

                if (!is_first(diff_ids, i))
                        continue;
                size.bytes += layer->bytes;
                if (layer->images > 1)
                        size.shared_bytes += layer->bytes;
        }
        return size;
}

/* The files that ask for it, then the containers that run it. */
static int find_users(const Listing *listing, const StoredImage *image, StringList *ret) {
        const StoreView *view = &listing->view;
        int r = 0;

        for (size_t i = 0; i < view->needs.count && r >= 0; i++)
                if (image_need_matches(&view->needs.items[i], image->name) &&
                    !string_list_contains(ret, view->needs.items[i].file_name))
                        r = string_list_add(ret, view->needs.items[i].file_name);
        for (size_t i = 0; i < view->in_use.count && r >= 0; i++) {
                const ImageInUse *use = &view->in_use.items[i];
                _cleanup_free_ char *user = text_format("%s (running)", use->container);

                if (!user)
                        return -ENOMEM;
                /* One container may mount it, too, or twice. */
                if (streq(use->manifest, image->parts.manifest) && !string_list_contains(ret, user))
                        r = string_list_add(ret, user);
        }
        return r;
}

enum { IMAGE, DIGEST, SIZE, SHARED, LAYERS, USED_BY, PROBLEM };

static const Column columns[] = {
        [IMAGE] = { "IMAGE", "name", COLUMN_WRAPS },      [DIGEST] = { "DIGEST", "digest", 0 },
        [SIZE] = { "SIZE", "size", COLUMN_RIGHT },        [SHARED] = { "SHARED", "sharedSize", COLUMN_RIGHT },
        [LAYERS] = { "LAYERS", "layers", COLUMN_RIGHT },  [USED_BY] = { "USED BY", "usedBy", COLUMN_WRAPS },
        [PROBLEM] = { NULL, "problem", 0 },
};

/* The beginning of the digest for people, all of it for programs. */
static void set_digest(Table *table, const char *digest) {
        _cleanup_free_ char *text = *digest ? strndup(digest_hex(digest), 12) : NULL;

        table_set(table, DIGEST, text, json_object_new_string(digest));
}

static int add_image(Table *table, const Listing *listing, const StoredImage *image) {
        ImageSize size = size_of(listing, image);
        _cleanup_string_list_ StringList users = {};

        if (find_users(listing, image, &users) < 0)
                return -ENOMEM;
        table_begin_row(table);
        table_set_text(table, IMAGE, image->name);
        set_digest(table, image->parts.manifest);
        table_set_bytes(table, SIZE, size.bytes);
        table_set_bytes(table, SHARED, size.shared_bytes);
        table_set_number(table, LAYERS, image->parts.diff_ids.count);
        table_set_list(table, USED_BY, &users);
        table_set_text(table, PROBLEM, image->parts.problem);
        if (image->parts.problem)
                table_set_colour(table, IMAGE, COLOUR_BAD);
        return 0;
}

static void report_problems(const Catalog *catalog) {
        for (size_t i = 0; i < catalog->count; i++)
                if (catalog->items[i].parts.problem)
                        log_warning("%s is damaged: %s; to pull it again: berth pull %s", catalog->items[i].name,
                                    catalog->items[i].parts.problem, catalog->items[i].name);
}

static int list_images(const Call *call) {
        _cleanup_(listing_done) Listing listing = { .view = STORE_VIEW_INIT };
        const Catalog *catalog = &listing.view.catalog;
        _cleanup_table_ Table table = TABLE_INIT(columns);
        int r;

        r = store_view_open(STORE_LOOK, &listing.view);
        if (r < 0)
                return r;
        r = count_layers(&listing);
        for (size_t i = 0; i < catalog->count && r >= 0; i++)
                r = add_image(&table, &listing, &catalog->items[i]);
        if (r >= 0)
                r = table_print(&table, call);
        if (r < 0)
                return log_error_errno(r, "Failed to list the images: %m");
        if (!call->values[TABLE_JSON])
                report_problems(catalog);
        return 0;
}

static int run(const Call *call) {
        return list_images(call) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_images = {
        .name = "images",
        .synopsis = "[OPTION…]",
        .summary = "List the images in the store",
        .help = "List the images in the store: how much room their layers take, how much of it is shared with other "
                "images, and which files ask for them.",
        .options = (const Option[]) { TABLE_OPTIONS, {} },
        .run = run,
};
