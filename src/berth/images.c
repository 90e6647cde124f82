/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images: what the store has. */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/store-commands.h"
#include "berth/store-view.h"

enum { EXIT_USAGE = 2 };

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

static int print_image(const Listing *listing, const StoredImage *image, int width) {
        ImageSize size = size_of(listing, image);
        _cleanup_free_ char *bytes = text_of_bytes(size.bytes), *shared = text_of_bytes(size.shared_bytes);
        _cleanup_string_list_ StringList users = {};

        if (!bytes || !shared || find_users(listing, image, &users) < 0)
                return -ENOMEM;
        printf("%-*s  %.12s  %9s  %9s  %6zu  ", width, image->name,
               *image->parts.manifest ? digest_hex(image->parts.manifest) : "", bytes, shared,
               image->parts.diff_ids.count);
        for (size_t i = 0; i < users.count; i++)
                printf("%s%s", i > 0 ? ", " : "", users.items[i]);
        puts(users.count > 0 ? "" : "-");
        if (image->parts.problem)
                log_warning("%s is damaged: %s; to pull it again: berth pull %s", image->name, image->parts.problem,
                            image->name);
        return 0;
}

static int print_table(const Listing *listing) {
        const Catalog *catalog = &listing->view.catalog;
        int width = (int) strlen("IMAGE"), r = 0;

        for (size_t i = 0; i < catalog->count; i++)
                if ((int) strlen(catalog->items[i].name) > width)
                        width = (int) strlen(catalog->items[i].name);
        printf("%-*s  %-12s  %9s  %9s  %6s  %s\n", width, "IMAGE", "DIGEST", "SIZE", "SHARED", "LAYERS", "USED BY");
        for (size_t i = 0; i < catalog->count && r >= 0; i++)
                r = print_image(listing, &catalog->items[i], width);
        return r;
}

static json_object *image_to_json(const Listing *listing, const StoredImage *image) {
        json_object *object = json_object_new_object(), *used_by = json_object_new_array();
        _cleanup_string_list_ StringList users = {};
        ImageSize size = size_of(listing, image);

        if (!object || !used_by || find_users(listing, image, &users) < 0) {
                json_object_put(object);
                json_object_put(used_by);
                return NULL;
        }
        for (size_t i = 0; i < users.count; i++)
                json_object_array_add(used_by, json_object_new_string(users.items[i]));
        json_object_object_add(object, "name", json_object_new_string(image->name));
        json_object_object_add(object, "digest", json_object_new_string(image->parts.manifest));
        json_object_object_add(object, "size", json_object_new_int64((int64_t) size.bytes));
        json_object_object_add(object, "sharedSize", json_object_new_int64((int64_t) size.shared_bytes));
        json_object_object_add(object, "layers", json_object_new_int64((int64_t) image->parts.diff_ids.count));
        json_object_object_add(object, "usedBy", used_by);
        json_object_object_add(object, "problem",
                               image->parts.problem ? json_object_new_string(image->parts.problem) : NULL);
        return object;
}

static int print_json(const Listing *listing) {
        json_object *array = json_object_new_array();
        const char *text = NULL;

        for (size_t i = 0; array && i < listing->view.catalog.count; i++)
                json_object_array_add(array, image_to_json(listing, &listing->view.catalog.items[i]));
        if (array)
                text = json_object_to_json_string_ext(array, JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_PRETTY);
        if (text)
                puts(text);
        json_object_put(array);
        return text ? 0 : -ENOMEM;
}

static int usage(FILE *stream) {
        fputs("Usage: berth images [--json]\n\n"
              "List the images in the store: how much room their layers take, how much of it is\n"
              "shared with other images, and which files ask for them.\n\n"
              "Options:\n"
              "  --json  Print a JSON array of objects; sizes in bytes\n"
              "  --help  Show this text\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

static int list_images(bool json) {
        _cleanup_(listing_done) Listing listing = { .view = STORE_VIEW_INIT };
        int r;

        r = store_view_open(STORE_LOOK, &listing.view);
        if (r < 0)
                return r;
        r = count_layers(&listing);
        if (r >= 0)
                r = json ? print_json(&listing) : print_table(&listing);
        return r < 0 ? log_error_errno(r, "Failed to list the images: %m") : 0;
}

int verb_images(int argc, char **argv) {
        static const struct option options[] = { { "json", no_argument, NULL, 'j' },
                                                 { "help", no_argument, NULL, 'h' },
                                                 {} };
        bool json = false;
        int c;

        while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (c) {
                case 'j':
                        json = true;
                        break;
                case 'h':
                        return usage(stdout);
                default:
                        return EXIT_USAGE;
                }
        if (optind != argc)
                return usage(stderr);
        return list_images(json) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
