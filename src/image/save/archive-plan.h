/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What will be in an archive of images: all blobs, each once. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"
#include "image/staging.h"
#include "image/store.h"

#define ARCHIVE_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"

typedef struct SavedImage {
        const char *manifest; /* its digest; borrowed */
        StringList names;     /* canonical ones, with a tag; there may be none */
} SavedImage;

/* A blob of the archive. */
typedef struct ArchiveBlob {
        char digest[DIGEST_TEXT_SIZE];
        uint64_t size_bytes;
        char *text;  /* owned; NULL: it is the store's, or … */
        bool packed; /* … a file of the staging directory, called by the digits of its digest */
        bool layer;
} ArchiveBlob;

/* A layer that was packed anew. */
typedef struct PackedLayer {
        char diff_id[DIGEST_TEXT_SIZE]; /* in the store */
        char digest[DIGEST_TEXT_SIZE];  /* now: of the blob and of its tar, which are the same */
        uint64_t size_bytes;
} PackedLayer;

/* An image as the archive has it. */
typedef struct ArchivedEntry {
        const SavedImage *image;
        char *type; /* of the manifest */
        char manifest[DIGEST_TEXT_SIZE], config[DIGEST_TEXT_SIZE];
        uint64_t manifest_size;
        StringList layers; /* digests of blobs, the lowest first */
} ArchivedEntry;

/* Initialise with the first three members. */
typedef struct ArchivePlan {
        const Store *store;
        const Staging *staging;
        Diagnostics *diagnostics;
        ArchiveBlob *blobs;
        size_t blob_count, blobs_allocated;
        PackedLayer *packed;
        size_t packed_count, packed_allocated;
        ArchivedEntry *entries;
        size_t entry_count, entries_allocated;
} ArchivePlan;

/* Reads the image, packs what of its layers has to be, and adds it. Returns 0, -EREPORTED with
 * what is wrong in the diagnostics, or another -errno. */
int archive_plan_add(ArchivePlan *plan, const SavedImage *image);

void archive_plan_done(ArchivePlan *plan);
#define _cleanup_archive_plan_ _cleanup_(archive_plan_done)
