/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image of the store while somebody uses it. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/text.h"
#include "image/store.h"
#include "oci/image-config.h"

typedef struct ImageUse {
        char *manifest;       /* its digest */
        char *configuration;  /* the digest of that, which podman calls the ID of an image */
        StringList diff_ids;  /* of the layers, the topmost first */
        int *layer_fds;       /* of their directories (O_PATH), in the same order */
        size_t layer_count;
        ImageConfig config;
        int lock_fd;          /* keeps all of it in the store until it is written down that it is in use */
} ImageUse;

#define IMAGE_USE_INIT { .lock_fd = -EBADF }

/* Finds the image by its canonical name and opens its layers. Returns 0; -ENOENT when the store has
 * no such image; -EREPORTED, with a diagnostic at `where`, when it is damaged; or another
 * -errno. */
int image_use_open(const char *name, const Location *where, Diagnostics *diagnostics, ImageUse *ret);

/* Mounts the image read-only in this process's own mount namespace, over the store's own
 * directories, for looking at it. Returns an fd of its root (O_PATH), owned by the caller, or
 * -errno. */
int image_use_view(const ImageUse *use);

/* Appends what goes into the bundle's file "image", by which others know what is in use: lines
 * "manifest DIGEST" (`as`; "mounted" for an image that is not the container's own) and "layer
 * DIFF-ID". */
void image_use_describe(const ImageUse *use, const char *as, Text *text);

/* Reads from such a file, in a bundle or a checkpoint, which image the container's own is; NULL
 * stays when it has none. Returns 0, -ENOENT without the file, or another -errno. Caller frees. */
int image_use_read(int directory_fd, char **ret_manifest);

void image_use_done(ImageUse *use);
#define _cleanup_image_use_ _cleanup_(image_use_done)
