/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images tag: another name for an image. */
#include "berth/images/image-tag.h"

#include <errno.h>

#include "basic/log.h"
#include "berth/command/image-argument.h"
#include "config/image-reference.h"
#include "image/store.h"

/* Only what is a registry's, and no digest's: that would be a lie. */
static int check_name(const char *name) {
        _cleanup_image_reference_ ImageReference reference = {};
        _cleanup_free_ char *message = NULL;
        int r = image_reference_parse(name, &reference, &message);

        if (r < 0)
                return log_error_errno(r, "\"%s\" is no reference to an image: %s", name, message ?: "");
        if (reference.transport == TRANSPORT_REGISTRY && !reference.digest)
                return 0;
        log_error("\"%s\" cannot be given to an image: a name is REGISTRY/REPOSITORY:TAG", name);
        return -EINVAL;
}

/* The store's lock keeps the image from being removed meanwhile. */
static int write_name(const Store *store, const char *source, const char *name) {
        _cleanup_free_ char *source_file = image_instance(source), *file = image_instance(name), *manifest = NULL;
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        if (!source_file || !file)
                return -ENOMEM;
        r = store_lock(store, STORE_LOCK_SHARED, &lock_fd);
        if (r >= 0)
                r = store_read_reference(store, source_file, &manifest);
        return r < 0 ? r : store_write_reference(store, file, manifest);
}

int image_tag(const char *source, const char *name) {
        _cleanup_free_ char *canonical = NULL, *canonical_name = NULL;
        _cleanup_store_ Store store = STORE_INIT;
        int r;

        r = image_argument_resolve(source, &canonical);
        if (r >= 0)
                r = image_argument_resolve(name, &canonical_name);
        if (r >= 0)
                r = check_name(canonical_name);
        if (r < 0)
                return r;
        r = store_open_existing(NULL, &store);
        if (r >= 0)
                r = write_name(&store, canonical, canonical_name);
        if (r == -ENOENT)
                log_error("There is no image %s", canonical);
        else if (r < 0)
                log_error_errno(r, "Failed to name the image %s: %m", canonical);
        return r;
}
