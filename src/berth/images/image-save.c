/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images save: images into an archive. */
#include "berth/images/image-save.h"

#include <errno.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/command/image-argument.h"
#include "berth/command/new-file.h"
#include "config/image-reference.h"

/* What is to be saved. */
typedef struct Images {
        SavedImage *items;
        StringList manifests; /* their digests */
        size_t count, allocated;
} Images;

static void images_done(Images *images) {
        for (size_t i = 0; i < images->count; i++)
                string_list_done(&images->items[i].names);
        free(images->items);
        string_list_done(&images->manifests);
}

int archive_format_parse(const char *text, ArchiveFormat *ret) {
        if (!text || streq(text, "oci-archive"))
                *ret = ARCHIVE_OCI;
        else if (streq(text, "docker-archive"))
                *ret = ARCHIVE_DOCKER;
        else
                return -EINVAL;
        return 0;
}

static int find_manifest(const Store *store, const char *argument, char **ret_name, char **ret_manifest) {
        _cleanup_free_ char *name = NULL, *instance = NULL;
        int r = image_argument_resolve(argument, &name);

        if (r < 0)
                return r;
        instance = image_instance(name);
        if (!instance)
                return log_oom();
        r = store_read_reference(store, instance, ret_manifest);
        if (r == -ENOENT)
                log_error("There is no image %s", name);
        else if (r < 0)
                log_error_errno(r, "Failed to look for the image %s: %m", name);
        if (r >= 0)
                *ret_name = TAKE_PTR(name);
        return r;
}

static SavedImage *find_image(Images *images, const char *manifest) {
        for (size_t i = 0; i < images->count; i++)
                if (streq(images->items[i].manifest, manifest))
                        return &images->items[i];
        return NULL;
}

static SavedImage *begin_image(Images *images, const char *manifest) {
        if (string_list_add(&images->manifests, manifest) < 0 ||
            ARRAY_RESERVE(images->items, images->allocated, images->count + 1) < 0)
                return NULL;
        images->items[images->count] = (SavedImage) { .manifest = images->manifests.items[images->count] };
        return &images->items[images->count++];
}

/* One that is a path's or a digest's is no name for others. */
static int add_name(SavedImage *image, const char *name) {
        _cleanup_image_reference_ ImageReference reference = {};
        _cleanup_free_ char *message = NULL;
        int r = image_reference_parse(name, &reference, &message);

        if (r < 0)
                return r;
        if (reference.transport != TRANSPORT_REGISTRY || reference.digest || string_list_contains(&image->names, name))
                return 0;
        return string_list_add(&image->names, name);
}

static int add_image(const Store *store, const char *argument, Images *images) {
        _cleanup_free_ char *name = NULL, *manifest = NULL;
        SavedImage *image;
        int r = find_manifest(store, argument, &name, &manifest);

        if (r < 0)
                return r;
        image = find_image(images, manifest) ?: begin_image(images, manifest);
        r = image ? add_name(image, name) : -ENOMEM;
        return r < 0 ? log_error_errno(r, "Failed to look at the image %s: %m", name) : 0;
}

/* Among several, one without a name could not be told from the others. */
static int check_names(const Images *images) {
        for (size_t i = 0; i < images->count && images->count > 1; i++)
                if (images->items[i].names.count == 0) {
                        log_error("An image without a name cannot be in an archive with others: %s; berth images tag "
                                  "gives it one", images->items[i].manifest);
                        return -EINVAL;
                }
        return 0;
}

static int write_to(const Store *store, const Images *images, ArchiveFormat format, const char *path) {
        _cleanup_new_file_ NewFile file = {};
        _cleanup_staging_ Staging staging = STAGING_INIT;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = new_file_open(path, &file);

        if (r < 0)
                return log_error_errno(r, "Failed to write %s: %m", path);
        r = staging_open(store->fd, &staging);
        if (r >= 0)
                r = image_archive_write(store, &staging, images->items, images->count, format, file.fd, &diagnostics);
        if (r >= 0)
                r = new_file_finish(&file, path);
        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to save: %m") : 0;
}

int image_save(char **arguments, ArchiveFormat format, const char *file) {
        _cleanup_(images_done) Images images = {};
        _cleanup_store_ Store store = STORE_INIT;
        _cleanup_close_ int lock_fd = -EBADF;
        int r = store_open(NULL, &store);

        /* Meanwhile nothing is removed from it. */
        if (r >= 0)
                r = store_lock(&store, STORE_LOCK_SHARED, &lock_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to open the store of images: %m");
        for (; *arguments; arguments++) {
                r = add_image(&store, *arguments, &images);
                if (r < 0)
                        return r;
        }
        r = check_names(&images);
        return r < 0 ? r : write_to(&store, &images, format, file);
}
