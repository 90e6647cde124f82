/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of an image need not be fetched. */
#pragma once

#include "image/manifest.h"
#include "image/store.h"

/* Puts into the download directory what skopeo shall find in its place: the blobs that the store
 * has, and for a layer that it has unpacked, out of another image with the same blob, a file of the
 * blob's size without content. That is never taken for the blob: its digest is another. Returns 0
 * or -errno. */
int reuse_blobs(const Store *store, int download_fd, const ImageManifest *manifest);
