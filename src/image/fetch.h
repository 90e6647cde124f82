/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a pull that is about where an image comes from: what its source has now, and getting
 * what the store lacks of it. */
#pragma once

#include "image/download.h"
#include "image/failure.h"
#include "image/manifest.h"
#include "image/pull-request.h"
#include "image/skopeo.h"
#include "image/store.h"

typedef struct Fetch {
        const PullRequest *request;
        const ImageReference *reference;
        const Store *store;
        const Download *download;
        Diagnostics *diagnostics; /* what is wrong with the image */
        Failure failure;          /* why skopeo failed; is set with -EREMOTEIO */
        SkopeoTick tick;          /* called while skopeo copies */
        void *userdata;
} Fetch;

/* An image as its source has it. */
typedef struct Found {
        char *text;        /* the manifest, as it is */
        size_t size;
        char digest[DIGEST_TEXT_SIZE]; /* of it */
        ImageManifest manifest;
} Found;

/* What the source has now. For a registry this asks for the manifest alone; an archive or layout is
 * copied into the download directory, since it may change at any time. Returns 0, -EREPORTED (in
 * the diagnostics), -EREMOTEIO when skopeo failed, or another -errno. */
int fetch_find(Fetch *fetch, Found *ret);

/* Has the blobs of what was found in the download directory, as far as the store does not have
 * them. What skopeo had to change, because it was encrypted or not compressed, is another image
 * then: `found` is that one. As above. */
int fetch_blobs(Fetch *fetch, Found *found);

/* How many bytes the blobs have, and how many of them the store has. */
uint64_t fetch_total(const Found *found);

/* Where the blob is in the download directory; free it. NULL when memory is short. */
char *fetch_blob_name(const Fetch *fetch, const char *digest);

/* The tags that a repository has, sorted. As above. */
int fetch_tags(Fetch *fetch, StringList *ret);

void found_done(Found *found);
#define _cleanup_found_ _cleanup_(found_done)
