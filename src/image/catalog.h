/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in the store, seen from its images: which blobs and layers each consists of, and what
 * containers have of it in use. */
#pragma once

#include "image/store.h"

/* One manifest and what it leads to. */
typedef struct ImageParts {
        char *manifest;      /* its digest */
        StringList blobs;    /* digests: the manifest, the configuration, the layers as fetched */
        StringList diff_ids; /* of the layers, the lowest first */
        StringList layer_blobs; /* digests, in the same order */
        char *problem;       /* what is missing or damaged, one line; NULL: all is there */
} ImageParts;

/* Reads them; what cannot be followed is a `problem`. Returns 0, -ENOMEM, or the -errno of a store
 * that does not answer. */
int image_parts_read(const Store *store, const char *manifest, ImageParts *ret);

void image_parts_done(ImageParts *parts);
#define _cleanup_image_parts_ _cleanup_(image_parts_done)

/* A reference. */
typedef struct StoredImage {
        char *instance; /* its file */
        char *name;     /* canonical */
        ImageParts parts;
} StoredImage;

typedef struct Catalog {
        StoredImage *items; /* by name */
        size_t count, allocated;
} Catalog;

/* Reads all references. Returns 0 or as above. */
int catalog_read(const Store *store, Catalog *ret);

void catalog_done(Catalog *catalog);
#define _cleanup_catalog_ _cleanup_(catalog_done)

/* One image that a container that has been started has of the store: its own, or one that is
 * mounted. */
typedef struct ImageInUse {
        char *container; /* the OCI container ID, which its bundle is named by */
        char *manifest;
        bool own; /* not one that is mounted */
        StringList diff_ids;
} ImageInUse;

typedef struct ImagesInUse {
        ImageInUse *items; /* by container */
        size_t count, allocated;
} ImagesInUse;

/* Reads the files "image" of the bundles below `bundles_directory` (NULL: PLACE_BUNDLES); see
 * image-use.h. Returns 0, -EBADMSG when one is damaged, or another -errno. */
int images_in_use_read(const char *bundles_directory, ImagesInUse *ret);

/* The first container that uses the manifest or, with NULL for that, the layer. Borrowed; NULL:
 * none. */
const char *images_in_use_find(const ImagesInUse *in_use, const char *manifest, const char *diff_id);

/* Returns the manifest that the container of this OCI ID runs, or NULL. Borrowed. */
const char *images_in_use_of(const ImagesInUse *in_use, const char *container);

void images_in_use_done(ImagesInUse *in_use);
#define _cleanup_images_in_use_ _cleanup_(images_in_use_done)

/* How much room an unpacked layer takes on disk, in bytes; a file with several names counts once.
 * Returns 0 or -errno. */
int layer_disk_usage(const Store *store, const char *diff_id, uint64_t *ret_bytes);
