/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manifests, indexes and configurations of images: those of the OCI image specification
 * (manifest.md, image-index.md, config.md) and Docker's image manifest, version 2 schema 2, which
 * differ in names only. Text in, values out; what is wrong is an error in `diagnostics`, with
 * `name` as the file. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"
#include "image/digest.h"

typedef struct json_object json_object;

enum {
        IMAGE_JSON_MAX = 4 * 1024 * 1024, /* what registries take as a manifest at most; configurations are smaller */
        IMAGE_LAYERS_MAX = 500,           /* the kernel takes fewer in one overlay; see mounts_overlay() */
};

typedef enum LayerCompression {
        LAYER_PLAIN,
        LAYER_GZIP,
        LAYER_ZSTD,
        LAYER_ENCRYPTED, /* to be decrypted before it can be told */
} LayerCompression;

/* What is in the blob of `digest`. */
typedef struct ImageDescriptor {
        char digest[DIGEST_TEXT_SIZE];
        uint64_t size_bytes;
        LayerCompression compression; /* of layers */
} ImageDescriptor;

/* Zero-initialise with {}. */
typedef struct ImageManifest {
        ImageDescriptor config;
        ImageDescriptor *layers; /* the lowest first */
        size_t layer_count;
} ImageManifest;

/* Reads the manifest of one image. Returns 0; -EISDIR when it is an index of several, for
 * image_index_choose(); -EREPORTED, with a diagnostic; or -ENOMEM. */
int image_manifest_read(const char *text, size_t size, const char *name, Diagnostics *diagnostics, ImageManifest *ret);

void image_manifest_done(ImageManifest *manifest);
#define _cleanup_image_manifest_ _cleanup_(image_manifest_done)

/* By Go's names (GOOS, GOARCH): "linux", "arm", "v7". Borrowed; `variant` may be NULL. */
typedef struct ImagePlatform {
        const char *os, *architecture, *variant;
} ImagePlatform;

/* This machine's; static. */
ImagePlatform image_platform_native(void);

/* Finds the manifest for the platform in an index: of its variant, else of the newest one that is
 * older, else of its architecture. Returns 0, -EREPORTED with a diagnostic when there is none or
 * the index is damaged, or -ENOMEM. */
int image_index_choose(const char *text, size_t size, const char *name, const ImagePlatform *platform,
                       Diagnostics *diagnostics, ImageDescriptor *ret);

/* Reads a configuration's list of diff IDs, the digests of the layers' tars, the lowest first;
 * there must be `layer_count`. `ret_config` is the whole, for others to read (its member "config"
 * is what containers start from); the caller puts it (json_object_put). As above. */
int image_configuration_read(const char *text, size_t size, const char *name, size_t layer_count,
                             Diagnostics *diagnostics, StringList *ret_diff_ids, json_object **ret_config);
