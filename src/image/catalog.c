/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in the store, seen from its images. */
#include "image/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/disk-usage.h"
#include "basic/json.h"
#include "basic/text.h"
#include "host/bundle.h"
#include "host/record.h"
#include "image/manifest.h"
#include "source/places.h"
#include "source/unit-name.h"

/* The parts of one image */

static int set_problem(ImageParts *parts, const char *what, const char *digest, const char *how) {
        if (parts->problem)
                return 0;
        parts->problem = text_format("its %s %s is %s", what, digest, how);
        return parts->problem ? 0 : -ENOMEM;
}

/* Reads a small blob. Returns 1 with it, 0 when there is a problem, or -errno. */
static int read_part(const Store *store, const char *digest, const char *what, ImageParts *parts, char **ret,
                     size_t *ret_size) {
        int r = store_read_blob(store, digest, IMAGE_JSON_MAX, ret, ret_size);

        if (r == -ENOENT)
                return set_problem(parts, what, digest, "missing");
        if (r == -EBADMSG || r == -EFBIG)
                return set_problem(parts, what, digest, "damaged");
        return r < 0 ? r : 1;
}

static int add_layer(const Store *store, const char *diff_id, ImageParts *parts) {
        _cleanup_close_ int fd = store_open_layer(store, diff_id);

        if (fd < 0 && fd != -ENOENT)
                return fd;
        if (fd < 0 && set_problem(parts, "unpacked layer", diff_id, "missing") < 0)
                return -ENOMEM;
        return string_list_add(&parts->diff_ids, diff_id);
}

static int read_configuration(const Store *store, const ImageManifest *manifest, ImageParts *parts) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_json_object_ json_object *config = NULL;
        _cleanup_string_list_ StringList diff_ids = {};
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = read_part(store, manifest->config.digest, "configuration", parts, &text, &size);
        if (r <= 0)
                return r;
        r = image_configuration_read(text, size, "configuration", manifest->layer_count, &diagnostics, &diff_ids,
                                     &config);
        if (r == -EREPORTED)
                return set_problem(parts, "configuration", manifest->config.digest, "none of an image");
        for (size_t i = 0; i < diff_ids.count && r >= 0; i++)
                r = add_layer(store, diff_ids.items[i], parts);
        return r;
}

int image_parts_read(const Store *store, const char *manifest, ImageParts *ret) {
        _cleanup_image_parts_ ImageParts parts = { .manifest = strdup(manifest) };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_image_manifest_ ImageManifest read = {};
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!parts.manifest || string_list_add(&parts.blobs, manifest) < 0)
                return -ENOMEM;
        r = read_part(store, manifest, "manifest", &parts, &text, &size);
        if (r > 0) {
                r = image_manifest_read(text, size, "manifest", &diagnostics, &read);
                if (r == -EREPORTED || r == -EISDIR)
                        r = set_problem(&parts, "manifest", manifest, "none of an image");
                else if (r >= 0)
                        r = string_list_add(&parts.blobs, read.config.digest);
        }
        for (size_t i = 0; i < read.layer_count && r >= 0; i++) {
                /* It need not be there: what is unpacked is what is used. */
                r = string_list_add(&parts.blobs, read.layers[i].digest);
                if (r >= 0)
                        r = string_list_add(&parts.layer_blobs, read.layers[i].digest);
        }
        if (r >= 0 && *read.config.digest)
                r = read_configuration(store, &read, &parts);
        if (r < 0)
                return r;
        *ret = parts;
        parts = (ImageParts) {};
        return 0;
}

void image_parts_done(ImageParts *parts) {
        parts->manifest = x_free(parts->manifest);
        parts->problem = x_free(parts->problem);
        string_list_done(&parts->blobs);
        string_list_done(&parts->diff_ids);
        string_list_done(&parts->layer_blobs);
}

/* All images */

static void stored_image_done(StoredImage *image) {
        image->instance = x_free(image->instance);
        image->name = x_free(image->name);
        image_parts_done(&image->parts);
}

static int read_image(const Store *store, const char *instance, StoredImage *image) {
        _cleanup_free_ char *manifest = NULL;
        int r;

        image->instance = strdup(instance);
        image->name = unit_name_unescape(instance);
        if (!image->instance || !image->name)
                return -ENOMEM;
        r = store_read_reference(store, instance, &manifest);
        if (r == -EBADMSG) {
                image->parts.problem = strdup("its reference is damaged");
                image->parts.manifest = strdup("");
                return image->parts.problem && image->parts.manifest ? 0 : -ENOMEM;
        }
        return r < 0 ? r : image_parts_read(store, manifest, &image->parts);
}

static int compare_images(const void *a, const void *b) {
        return strcmp(((const StoredImage *) a)->name, ((const StoredImage *) b)->name);
}

int catalog_read(const Store *store, Catalog *ret) {
        _cleanup_string_list_ StringList instances = {};
        _cleanup_catalog_ Catalog catalog = {};
        int r;

        r = store_list_references(store, &instances);
        for (size_t i = 0; i < instances.count && r >= 0; i++) {
                r = ARRAY_RESERVE(catalog.items, catalog.allocated, catalog.count + 1);
                if (r < 0)
                        return r;
                catalog.items[catalog.count] = (StoredImage) {};
                r = read_image(store, instances.items[i], &catalog.items[catalog.count++]);
                if (r == -ENOENT) { /* removed meanwhile */
                        stored_image_done(&catalog.items[--catalog.count]);
                        r = 0;
                }
        }
        if (r < 0)
                return r;
        if (catalog.count > 1)
                qsort(catalog.items, catalog.count, sizeof(*catalog.items), compare_images);
        *ret = catalog;
        catalog = (Catalog) {};
        return 0;
}

void catalog_done(Catalog *catalog) {
        for (size_t i = 0; i < catalog->count; i++)
                stored_image_done(&catalog->items[i]);
        catalog->items = x_free(catalog->items);
        catalog->count = catalog->allocated = 0;
}

/* What is in use */

static void image_in_use_done(ImageInUse *use) {
        use->container = x_free(use->container);
        use->manifest = x_free(use->manifest);
        string_list_done(&use->diff_ids);
}

typedef struct UseReader {
        const char *container;
        ImagesInUse *in_use;
        size_t first; /* of the container's */
} UseReader;

static int add_use(const char *container, const char *manifest, bool own, ImagesInUse *in_use) {
        ImageInUse *use;
        int r;

        r = ARRAY_RESERVE(in_use->items, in_use->allocated, in_use->count + 1);
        if (r < 0)
                return r;
        use = &in_use->items[in_use->count++];
        *use = (ImageInUse) { .container = strdup(container), .manifest = strdup(manifest), .own = own };
        return use->container && use->manifest ? 0 : -ENOMEM;
}

/* Each image's layers follow it. */
static int read_use_line(const StringList *words, void *userdata) {
        const UseReader *reader = userdata;
        ImagesInUse *in_use = reader->in_use;

        if (words->count != 2 || !digest_is_valid(words->items[1]))
                return -EBADMSG;
        if (streq(words->items[0], "manifest") || streq(words->items[0], "mounted"))
                return add_use(reader->container, words->items[1], streq(words->items[0], "manifest"), in_use);
        if (!streq(words->items[0], "layer") || in_use->count == reader->first)
                return -EBADMSG;
        return string_list_add(&in_use->items[in_use->count - 1].diff_ids, words->items[1]);
}

/* A bundle without the file has no image. */
static int read_uses(int bundles_fd, const char *id, ImagesInUse *in_use) {
        _cleanup_close_ int fd = openat(bundles_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        UseReader reader = { id, in_use, in_use->count };
        int r;

        if (fd < 0)
                return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
        r = record_read(fd, "image", false, read_use_line, &reader);
        return r == -ENOENT ? 0 : r;
}

static int compare_uses(const void *a, const void *b) {
        return strcmp(((const ImageInUse *) a)->container, ((const ImageInUse *) b)->container);
}

int images_in_use_read(const char *bundles_directory, ImagesInUse *ret) {
        _cleanup_images_in_use_ ImagesInUse in_use = {};
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(bundles_directory ?: place_path(PLACE_BUNDLES), &directory);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = entry->d_name[0] == '.' ? 0 : read_uses(dirfd(directory), entry->d_name, &in_use);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r; /* who removes what nobody uses must know of all that do */
        if (in_use.count > 1)
                qsort(in_use.items, in_use.count, sizeof(*in_use.items), compare_uses);
        *ret = in_use;
        in_use = (ImagesInUse) {};
        return 0;
}

const char *images_in_use_find(const ImagesInUse *in_use, const char *manifest, const char *diff_id) {
        for (size_t i = 0; i < in_use->count; i++) {
                const ImageInUse *use = &in_use->items[i];

                if (manifest ? streq(use->manifest, manifest) : string_list_contains(&use->diff_ids, diff_id))
                        return use->container;
        }
        return NULL;
}

const char *images_in_use_of(const ImagesInUse *in_use, const char *container) {
        const ImageInUse wanted = { .container = (char *) container };
        const ImageInUse *end = in_use->items + in_use->count, *use;

        use = in_use->count > 0 ? bsearch(&wanted, in_use->items, in_use->count, sizeof(wanted), compare_uses) : NULL;
        while (use && use > in_use->items && streq(use[-1].container, container))
                use--;
        for (; use && use < end && streq(use->container, container); use++)
                if (use->own)
                        return use->manifest;
        return NULL;
}

void images_in_use_done(ImagesInUse *in_use) {
        for (size_t i = 0; i < in_use->count; i++)
                image_in_use_done(&in_use->items[i]);
        in_use->items = x_free(in_use->items);
        in_use->count = in_use->allocated = 0;
}

/* Room */

int layer_disk_usage(const Store *store, const char *diff_id, uint64_t *ret_bytes) {
        _cleanup_close_ int fd = store_open_layer(store, diff_id);

        return fd < 0 ? fd : disk_usage_at(fd, ".", ret_bytes);
}
