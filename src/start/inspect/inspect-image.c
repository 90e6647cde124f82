/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that is known of an image in the store. What its configuration says is the image's own word:
 * shown, and obeyed by nobody here. */
#include <errno.h>

#include "image/catalog.h"
#include "kind/image-needs.h"
#include "start/inspect/inspect.h"

enum { CONFIG_MAX = 4 << 20 };

/* The configuration is the second blob, see catalog.h. */
static int add_configuration(Json *json, const Store *store, const ImageParts *parts) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *text = NULL;
        json_object *value = NULL;
        size_t size;
        int r;

        r = parts->blobs.count < 2 ? -ENOENT
                                   : store_read_blob(store, parts->blobs.items[1], CONFIG_MAX, &text, &size);
        if (r >= 0)
                r = json_parse(text, size, parts->blobs.items[1], &diagnostics, &value);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                json_add_null(json, "config");
        else
                json_add_value(json, "config", value);
        return 0;
}

static void add_layers(Json *json, const Store *store, const ImageParts *parts) {
        json_open_array(json, "layers");
        for (size_t i = 0; i < parts->diff_ids.count; i++) {
                uint64_t bytes;

                json_open_object(json, NULL);
                json_add_string(json, "diffId", parts->diff_ids.items[i]);
                if (i < parts->layer_blobs.count)
                        json_add_string(json, "blob", parts->layer_blobs.items[i]);
                if (layer_disk_usage(store, parts->diff_ids.items[i], &bytes) >= 0)
                        json_add_unsigned(json, "size", bytes);
                json_close(json);
        }
        json_close(json);
}

static int add_containers(Json *json, const char *manifest) {
        _cleanup_images_in_use_ ImagesInUse in_use = {};
        int r;

        r = images_in_use_read(NULL, &in_use);
        if (r == -ENOMEM)
                return r;
        json_open_array(json, "containers");
        for (size_t i = 0; r >= 0 && i < in_use.count; i++)
                if (streq(in_use.items[i].manifest, manifest))
                        json_add_string(json, NULL, in_use.items[i].container);
        json_close(json);
        return 0;
}

static int collect(const Store *store, const StoredImage *image, json_object **ret) {
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "kind", "image");
        json_add_string(&json, "name", image->name);
        json_add_string(&json, "digest", image->parts.manifest);
        if (image->parts.problem)
                json_add_string(&json, "problem", image->parts.problem);
        else
                json_add_null(&json, "problem");
        r = add_containers(&json, image->parts.manifest);
        add_layers(&json, store, &image->parts);
        if (r >= 0)
                r = add_configuration(&json, store, &image->parts);
        json_close(&json);
        return r < 0 ? r : json_take(&json, ret);
}

int inspect_image(const char *name, json_object **ret) {
        _cleanup_store_ Store store = STORE_INIT;
        _cleanup_catalog_ Catalog catalog = {};
        int r;

        r = store_open_existing(NULL, &store);
        if (r >= 0)
                r = catalog_read(&store, &catalog);
        for (size_t i = 0; r >= 0 && i < catalog.count; i++)
                if (streq(catalog.items[i].name, name) || streq(catalog.items[i].parts.manifest, name))
                        return collect(&store, &catalog.items[i], ret);
        return r < 0 ? r : -ENOENT;
}
