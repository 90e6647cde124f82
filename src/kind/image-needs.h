/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images the files of the search path ask for. */
#pragma once

#include "source/sources.h"

typedef struct ImageNeed {
        char *image;     /* canonical; with `pattern` for fnmatch(3): a template's instances may name any that match */
        bool pattern;
        char *file_name; /* who asks: "web.container" */
} ImageNeed;

typedef struct ImageNeeds {
        ImageNeed *items;
        size_t count, allocated;
} ImageNeeds;

/* Reads the values of Image=, ImageTag= and Mount=type=image in all files that are not masked;
 * those that are no image are left to `berth check`. A file that cannot be read is an error in
 * `diagnostics`, and it is not known what it needs. Returns 0, -EREPORTED when there was one, or
 * -ENOMEM. */
int image_needs_find(const Sources *sources, Scope scope, Diagnostics *diagnostics, ImageNeeds *ret);

/* Whether it is the image of this canonical name, or may be. */
bool image_need_matches(const ImageNeed *need, const char *name);

void image_needs_done(ImageNeeds *needs);
#define _cleanup_image_needs_ _cleanup_(image_needs_done)
