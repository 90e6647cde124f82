/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verifying what the store has: blobs against their digests, unpacked layers against their
 * blobs. */
#pragma once

#include "image/catalog.h"
#include "image/staging.h"
#include "image/store.h"

/* Reads the blob. Returns 1 when it is what its name says, 0 when not, or -errno. */
int blob_verify(const Store *store, const char *digest);

/* Unpacks the layer's blob once more, and compares; without the blob, compares the digest of its
 * tree with what it was. Returns 1 when the layer is the same; 0 when not, with what is wrong in
 * `ret_difference` (one line), which the caller frees; -ENOENT when there is no such layer, or
 * nothing to compare it with; or another -errno. */
int layer_verify(const Store *store, const Staging *staging, const char *digest, const char *diff_id,
                 char **ret_difference);
