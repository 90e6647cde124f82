/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs for the store share: the store, its images, the files that ask for them and the
 * containers that use them, read together. */
#pragma once

#include "image/catalog.h"
#include "kind/image-needs.h"

typedef struct StoreView {
        Store store;
        int lock_fd;
        Catalog catalog;
        ImageNeeds needs;
        bool needs_unknown; /* a file cannot be read, and may ask for anything */
        ImagesInUse in_use;
} StoreView;

#define STORE_VIEW_INIT { .store = STORE_INIT, .lock_fd = -EBADF }

typedef enum StoreAccess {
        STORE_LOOK,   /* there may be none; the lock is shared, where it can be had */
        STORE_CHANGE, /* the lock is had alone */
} StoreAccess;

/* Opens the store and reads everything. Logs what is wrong, also in the files of the search path;
 * where these cannot be read it is not known what they need, which is a failure for STORE_CHANGE
 * only. Returns 1; 0 when there is no store; or -errno. */
int store_view_open(StoreAccess access, StoreView *ret);

void store_view_done(StoreView *view);
#define _cleanup_store_view_ _cleanup_(store_view_done)

/* Says whether a file asks for the image or a container runs it; else prune removes it. */
bool store_view_is_needed(const StoreView *view, const StoredImage *image);

/* The first file that asks for the image, or NULL. Borrowed. */
const char *store_view_find_need(const StoreView *view, const StoredImage *image);
