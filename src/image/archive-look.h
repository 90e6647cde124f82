/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images an archive has, as docker save, podman save and skopeo make it. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"

typedef struct ArchivedImage {
        char *source;     /* skopeo's name of it: "docker-archive:/srv/images.tar:@0" */
        StringList names; /* canonical ones; there may be none */
} ArchivedImage;

/* Zero-initialise with {}. */
typedef struct ArchivedImages {
        ArchivedImage *items;
        size_t count, allocated;
} ArchivedImages;

/* Reads the lists in the archive at the absolute path: nothing in it is believed, its images are
 * for a pull to look at. A name that is none, or a short one where none is meant to be, is a
 * warning. Returns 0, -EREPORTED with what is wrong in the diagnostics, -ENOPKG without libarchive,
 * or another -errno. */
int archive_look(const char *path, Diagnostics *diagnostics, ArchivedImages *ret);

void archived_images_done(ArchivedImages *images);
#define _cleanup_archived_images_ _cleanup_(archived_images_done)
