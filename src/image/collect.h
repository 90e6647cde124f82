/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing from the store what nothing leads to. */
#pragma once

#include "image/catalog.h"
#include "image/staging.h"
#include "image/store.h"

/* Takes the store's lock alone. Starts hold it for a moment; a pull holds it as long as it takes,
 * so after `timeout_usec` it is given up: -EWOULDBLOCK. Returns 0 or -errno. */
int store_lock_alone(const Store *store, uint64_t timeout_usec, int *ret_fd);

typedef struct Garbage {
        StringList blobs, layers; /* digests, diff IDs */
        uint64_t bytes;           /* that they take on disk */
} Garbage;

/* Finds the blobs and layers that neither an image of `kept` (one with a `skip` is left out, NULL:
 * none) nor a container in use has. The store's lock is held alone, so nobody is about to use one.
 * Returns 0 or -errno. */
int garbage_find(const Store *store, const Catalog *kept, bool (*skip)(const StoredImage *image, void *userdata),
                 void *userdata, const ImagesInUse *in_use, Garbage *ret);

/* Takes it out of the store; it is gone from the disk when `trash` is. Returns 0 or -errno. */
int garbage_discard(const Store *store, const Garbage *garbage, const Staging *trash);

void garbage_done(Garbage *garbage);
#define _cleanup_garbage_ _cleanup_(garbage_done)
