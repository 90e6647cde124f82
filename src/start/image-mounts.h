/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a start that is about images which a container mounts: Mount=type=image. */
#pragma once

#include "host/bundle.h"
#include "image/image-use.h"
#include "oci/facts.h"
#include "start/namespaces.h"

/* The images of the container's mounts, in their order. */
typedef struct ImageMount {
        const Mount *mount; /* the container's */
        ImageUse image;
} ImageMount;

typedef struct ImageMounts {
        ImageMount *items;
        size_t count, allocated;
} ImageMounts;

/* Whether there are any. */
bool container_mounts_images(const Container *container);

/* Finds each in the store. What is wrong is in the diagnostics. Returns 0, -EREPORTED or another
 * -errno. */
int image_mounts_open(const Container *container, Diagnostics *diagnostics, ImageMounts *ret);

/* Writes down in the bundle what is in use, so that nobody removes it: the container's own image,
 * if it has one, and those that it mounts. Their locks are given back. Returns 0 or -errno. */
int images_record(ImageUse *own, ImageMounts *mounts, const Bundle *bundle);

/* Mounts them where `facts->image_mounts` says, in this process's own mount namespace, which they
 * were opened in; what is written to them goes to a directory that is recorded as an effect.
 * `label` is the SELinux context of overlays, or NULL. Returns 0; -EREPORTED with a diagnostic; or
 * another -errno. */
int image_mounts_mount(const ImageMounts *mounts, const Namespaces *namespaces, const Bundle *bundle,
                       const Facts *facts, const char *label, Diagnostics *diagnostics);

void image_mounts_done(ImageMounts *mounts);
#define _cleanup_image_mounts_ _cleanup_(image_mounts_done)
