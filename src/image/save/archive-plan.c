/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the store's images to those of an archive: layers whose blobs are gone are packed anew, and
 * what names them is written anew. */
#include "image/save/archive-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "basic/json.h"
#include "image/manifest.h"
#include "image/save/layer-pack.h"

#define OCI_TYPE "application/vnd.oci.image."

/* Blobs */

/* Takes `text` over, whatever comes of it. One that is there already stays. */
static int add_blob(ArchivePlan *plan, const char *digest, uint64_t size, char *text, bool packed, bool layer) {
        _cleanup_free_ char *owned = text;
        ArchiveBlob *blob;

        for (size_t i = 0; i < plan->blob_count; i++)
                if (streq(plan->blobs[i].digest, digest))
                        return 0;
        if (ARRAY_RESERVE(plan->blobs, plan->blobs_allocated, plan->blob_count + 1) < 0)
                return -ENOMEM;
        blob = &plan->blobs[plan->blob_count++];
        *blob = (ArchiveBlob) { .size_bytes = size, .text = TAKE_PTR(owned), .packed = packed, .layer = layer };
        memcpy(blob->digest, digest, DIGEST_TEXT_SIZE);
        return 0;
}

/* Adds what the object says, which is put. */
static int add_json(ArchivePlan *plan, json_object *object, char ret_digest[DIGEST_TEXT_SIZE], uint64_t *ret_size) {
        const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                                          JSON_C_TO_STRING_NOSLASHESCAPE);
        char *copy = text ? strdup(text) : NULL;
        int r = copy ? digest_of_bytes(copy, strlen(copy), ret_digest) : -ENOMEM;

        json_object_put(object);
        if (r < 0) {
                free(copy);
                return r;
        }
        *ret_size = strlen(copy);
        return add_blob(plan, ret_digest, *ret_size, copy, false, false);
}

/* Reads a manifest or a configuration. What is wrong with it is said in the diagnostics. */
static int read_json(const ArchivePlan *plan, const char *digest, const char *what, char **ret, size_t *ret_size) {
        int r = store_read_blob(plan->store, digest, IMAGE_JSON_MAX, ret, ret_size);

        if (r == -ENOENT || r == -EBADMSG || r == -EFBIG)
                return diagnose_error(plan->diagnostics, NULL, "the %s %s is %s; to fetch it again: berth pull",
                                      what, digest, r == -ENOENT ? "missing" : "damaged");
        return r;
}

/* Layers */

static int refuse(const ArchivePlan *plan, int error, const char *diff_id, const char *fault) {
        static const char advice[] = "only an image that was pulled with BERTH_KEEP_BLOBS=yes can be saved with it";

        if (error == -ENOENT)
                return diagnose_error(plan->diagnostics, NULL, "the layer %s is missing; to fetch it again: "
                                                                  "berth pull", diff_id);
        if (!fault)
                return error;
        if (error == -EOPNOTSUPP)
                return diagnose_error(plan->diagnostics, NULL, "the layer %s has a device, a socket or an attribute "
                                                                  "that is not for others, %s: %s", diff_id, fault,
                                      advice);
        return diagnose_error(plan->diagnostics, NULL, "the layer %s has what is too large or nested too deep, "
                                                          "%s: %s", diff_id, fault, advice);
}

static int pack(const ArchivePlan *plan, const char *diff_id, PackedLayer *ret) {
        _cleanup_close_ int layer_fd = store_open_layer(plan->store, diff_id), fd = -EBADF;
        _cleanup_free_ char *fault = NULL;
        int r = layer_fd < 0 ? layer_fd : 0;

        if (r >= 0) {
                fd = openat(plan->staging->fd, "layer", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
                r = fd < 0 ? -errno : layer_pack(layer_fd, fd, ret->digest, &ret->size_bytes, &fault);
        }
        if (r < 0)
                return refuse(plan, r, diff_id, fault);
        memcpy(ret->diff_id, diff_id, DIGEST_TEXT_SIZE);
        return renameat(plan->staging->fd, "layer", plan->staging->fd, digest_hex(ret->digest)) < 0 ? -errno : 0;
}

static int find_packed(ArchivePlan *plan, const char *diff_id, const PackedLayer **ret) {
        PackedLayer packed;
        int r;

        for (size_t i = 0; i < plan->packed_count; i++)
                if (streq(plan->packed[i].diff_id, diff_id)) {
                        *ret = &plan->packed[i];
                        return 0;
                }
        r = pack(plan, diff_id, &packed);
        if (r >= 0)
                r = ARRAY_RESERVE(plan->packed, plan->packed_allocated, plan->packed_count + 1);
        if (r < 0)
                return r;
        plan->packed[plan->packed_count] = packed;
        *ret = &plan->packed[plan->packed_count++];
        return 0;
}

/* What the manifest and the configuration say of a layer. */
static int describe_packed(const PackedLayer *packed, json_object *manifest_layers, json_object *diff_ids, size_t i) {
        _cleanup_json_ Json json = {};
        json_object *object;
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "mediaType", OCI_TYPE "layer.v1.tar");
        json_add_string(&json, "digest", packed->digest);
        json_add_unsigned(&json, "size", packed->size_bytes);
        json_close(&json);
        r = json_take(&json, &object);
        if (r < 0)
                return r;
        json_object_array_put_idx(manifest_layers, i, object);
        json_object_array_put_idx(diff_ids, i, json_object_new_string(packed->digest));
        return 0;
}

/* Images */

/* What is read of one. */
typedef struct Source {
        char *text; /* of the manifest */
        size_t size;
        char *config_text;
        size_t config_size;
        ImageManifest manifest;
        json_object *object, *config;
        StringList diff_ids;
} Source;

static void source_done(Source *source) {
        free(source->text);
        free(source->config_text);
        image_manifest_done(&source->manifest);
        json_object_put(source->object);
        json_object_put(source->config);
        string_list_done(&source->diff_ids);
}

static int read_source(const ArchivePlan *plan, const char *manifest, Source *ret) {
        int r = read_json(plan, manifest, "manifest", &ret->text, &ret->size);

        if (r >= 0)
                r = image_manifest_read(ret->text, ret->size, "manifest", plan->diagnostics, &ret->manifest);
        if (r >= 0)
                r = json_parse(ret->text, ret->size, "manifest", plan->diagnostics, &ret->object);
        if (r >= 0)
                r = read_json(plan, ret->manifest.config.digest, "configuration", &ret->config_text,
                              &ret->config_size);
        if (r >= 0)
                r = image_configuration_read(ret->config_text, ret->config_size, "configuration",
                                             ret->manifest.layer_count, plan->diagnostics, &ret->diff_ids,
                                             &ret->config);
        return r == -EISDIR ? -EBADMSG : r;
}

/* Adds its layers. Returns 1 when any was packed anew, which the source's JSON says then; else 0 or
 * -errno. */
static int add_layers(ArchivePlan *plan, Source *source, StringList *ret) {
        json_object *layers = json_object_object_get(source->object, "layers"),
                    *diff_ids = json_object_object_get(json_object_object_get(source->config, "rootfs"), "diff_ids");
        int changed = 0, r = 0;

        for (size_t i = 0; i < source->manifest.layer_count && r >= 0; i++) {
                const ImageDescriptor *layer = &source->manifest.layers[i];
                const PackedLayer *packed = NULL;
                uint64_t size;

                r = store_has_blob(plan->store, layer->digest, &size);
                if (r == 0) {
                        r = find_packed(plan, source->diff_ids.items[i], &packed);
                        if (r >= 0)
                                r = describe_packed(packed, layers, diff_ids, i);
                        changed = 1;
                } else if (r > 0 && size != layer->size_bytes)
                        r = -EBADMSG;
                if (r >= 0)
                        r = add_blob(plan, packed ? packed->digest : layer->digest,
                                     packed ? packed->size_bytes : layer->size_bytes, NULL, packed, true);
                if (r >= 0)
                        r = string_list_add(ret, packed ? packed->digest : layer->digest);
        }
        return r < 0 ? r : changed;
}

/* As it is in the store. */
static int add_as_stored(ArchivePlan *plan, Source *source, ArchivedEntry *entry) {
        const char *type = json_get_string(source->object, "mediaType");
        int r;

        entry->type = strdup(type ?: ARCHIVE_OCI_MANIFEST);
        memcpy(entry->manifest, entry->image->manifest, DIGEST_TEXT_SIZE);
        memcpy(entry->config, source->manifest.config.digest, DIGEST_TEXT_SIZE);
        entry->manifest_size = source->size;
        r = entry->type ? add_blob(plan, entry->config, source->config_size, TAKE_PTR(source->config_text), false,
                                   false) : -ENOMEM;
        return r < 0 ? r : add_blob(plan, entry->manifest, source->size, TAKE_PTR(source->text), false, false);
}

/* A manifest of docker's calls its layers otherwise. */
static void use_oci_types(const ImageManifest *manifest, json_object *layers) {
        static const char *const types[] = {
                [LAYER_PLAIN] = OCI_TYPE "layer.v1.tar",
                [LAYER_GZIP] = OCI_TYPE "layer.v1.tar+gzip",
                [LAYER_ZSTD] = OCI_TYPE "layer.v1.tar+zstd",
        };

        for (size_t i = 0; i < manifest->layer_count; i++) {
                json_object *layer = json_object_array_get_idx(layers, i);

                if (streq_null(json_get_string(layer, "digest"), manifest->layers[i].digest) &&
                    manifest->layers[i].compression < ARRAY_SIZE(types))
                        json_object_object_add(layer, "mediaType",
                                               json_object_new_string(types[manifest->layers[i].compression]));
        }
}

/* With layers that have other digests. What else the manifest says goes along. */
static int add_changed(ArchivePlan *plan, Source *source, ArchivedEntry *entry) {
        _cleanup_json_ Json json = {};
        json_object *annotations = json_object_object_get(source->object, "annotations"), *config = NULL;
        uint64_t size;
        int r;

        use_oci_types(&source->manifest, json_object_object_get(source->object, "layers"));
        entry->type = strdup(ARCHIVE_OCI_MANIFEST);
        r = entry->type ? add_json(plan, TAKE_PTR(source->config), entry->config, &size) : -ENOMEM;
        if (r < 0)
                return r;
        json_open_object(&json, NULL);
        json_add_unsigned(&json, "schemaVersion", 2);
        json_add_string(&json, "mediaType", ARCHIVE_OCI_MANIFEST);
        json_open_object(&json, "config");
        json_add_string(&json, "mediaType", OCI_TYPE "config.v1+json");
        json_add_string(&json, "digest", entry->config);
        json_add_unsigned(&json, "size", size);
        json_close(&json);
        json_add_value(&json, "layers", json_object_get(json_object_object_get(source->object, "layers")));
        if (annotations)
                json_add_value(&json, "annotations", json_object_get(annotations));
        json_close(&json);
        r = json_take(&json, &config);
        return r < 0 ? r : add_json(plan, config, entry->manifest, &entry->manifest_size);
}

int archive_plan_add(ArchivePlan *plan, const SavedImage *image) {
        _cleanup_(source_done) Source source = {};
        ArchivedEntry *entry;
        int r;

        if (ARRAY_RESERVE(plan->entries, plan->entries_allocated, plan->entry_count + 1) < 0)
                return -ENOMEM;
        entry = &plan->entries[plan->entry_count++];
        *entry = (ArchivedEntry) { .image = image };
        r = read_source(plan, image->manifest, &source);
        if (r >= 0)
                r = add_layers(plan, &source, &entry->layers);
        if (r < 0)
                return r;
        return r > 0 ? add_changed(plan, &source, entry) : add_as_stored(plan, &source, entry);
}

void archive_plan_done(ArchivePlan *plan) {
        for (size_t i = 0; i < plan->blob_count; i++)
                free(plan->blobs[i].text);
        free(plan->blobs);
        free(plan->packed);
        for (size_t i = 0; i < plan->entry_count; i++) {
                free(plan->entries[i].type);
                string_list_done(&plan->entries[i].layers);
        }
        free(plan->entries);
}
