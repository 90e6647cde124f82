/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives of images, as skopeo(1), podman load and docker load take them. */
#pragma once

#include "image/save/archive-plan.h"

typedef enum ArchiveFormat {
        ARCHIVE_OCI,    /* a layout of the OCI image specification (image-layout.md) */
        ARCHIVE_DOCKER, /* with manifest.json, as docker save has made it from version 1.10 on */
} ArchiveFormat;

/* Writes an archive of the images to `out_fd`; the caller holds the store's lock. A layer whose
 * blob the store has is written as it was fetched; another is packed anew, in the staging directory
 * first, and then the image's configuration and manifest have other digests than in the store.
 * `format` and what the store has decide all bytes. `diagnostics` says what cannot be written.
 * Returns 0, -EREPORTED or another -errno. */
int image_archive_write(const Store *store, const Staging *staging, const SavedImage *images, size_t count,
                        ArchiveFormat format, int out_fd, Diagnostics *diagnostics);
