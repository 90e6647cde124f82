/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a pull in which what was fetched becomes the store's. */
#pragma once

#include "image/fetch.h"

typedef struct TakeOver {
        const Fetch *fetch;
        bool keep_blobs; /* of layers; else they are there unpacked only */
        void (*unpacking)(size_t layer, size_t count, void *userdata); /* is called before each, from 1 on */
        void *userdata;
} TakeOver;

/* Verifies what was fetched of the image, takes it over and unpacks its layers; the caller holds
 * the store's lock. A blob whose content is another is removed, so that the next try fetches it.
 * Returns 0, -EREPORTED (in the diagnostics of `fetch`), or -errno. */
int take_over_image(const TakeOver *take_over, const Found *found);
