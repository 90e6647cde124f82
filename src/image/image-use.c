/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image of the store while somebody uses it. */
#include "image/image-use.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "basic/json.h"
#include "basic/text.h"
#include "config/image-reference.h"
#include "host/bundle.h"
#include "host/mounts.h"
#include "host/record.h"
#include "image/manifest.h"
#include "source/places.h"

typedef struct Opening {
        const char *name; /* for messages */
        const Location *where;
        Diagnostics *diagnostics;
        Store store;
        ImageUse *use;
} Opening;

static void opening_done(Opening *opening) {
        store_done(&opening->store);
}

/* A part that the store has lost, or that has been changed. */
static int damaged(const Opening *opening, int r, const char *what, const char *digest) {
        if (r != -ENOENT && r != -EBADMSG && r != -EFBIG)
                return r;
        return diagnose_error(opening->diagnostics, opening->where,
                              "the image \"%s\" is damaged: its %s %s is %s; to pull it again: berth pull %s",
                              opening->name, what, digest, r == -ENOENT ? "missing" : "not what it was", opening->name);
}

static int read_manifest(const Opening *opening, ImageManifest *ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = store_read_blob(&opening->store, opening->use->manifest, IMAGE_JSON_MAX, &text, &size);
        if (r < 0)
                return damaged(opening, r, "manifest", opening->use->manifest);
        r = image_manifest_read(text, size, opening->name, opening->diagnostics, ret);
        return r == -EISDIR ? damaged(opening, -EBADMSG, "manifest", opening->use->manifest) : r;
}

/* Reads the diff IDs, the lowest first, and what containers start from. */
static int read_configuration(const Opening *opening, const ImageManifest *manifest, StringList *diff_ids) {
        _cleanup_json_object_ json_object *configuration = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        opening->use->configuration = strdup(manifest->config.digest);
        if (!opening->use->configuration)
                return -ENOMEM;
        r = store_read_blob(&opening->store, manifest->config.digest, IMAGE_JSON_MAX, &text, &size);
        if (r < 0)
                return damaged(opening, r, "configuration", manifest->config.digest);
        r = image_configuration_read(text, size, opening->name, manifest->layer_count, opening->diagnostics, diff_ids,
                                     &configuration);
        if (r < 0)
                return r;
        return image_config_read(json_object_object_get(configuration, "config"), opening->where, opening->diagnostics,
                                 &opening->use->config);
}

static int open_layers(const Opening *opening, const StringList *diff_ids) {
        ImageUse *use = opening->use;

        use->layer_fds = calloc(diff_ids->count + 1, sizeof(*use->layer_fds));
        if (!use->layer_fds)
                return -ENOMEM;
        for (size_t i = diff_ids->count; i > 0; i--) {
                const char *diff_id = diff_ids->items[i - 1];
                int fd;

                /* An overlay takes a directory once; what is below the topmost is hidden by
                 * that. */
                if (string_list_contains(&use->diff_ids, diff_id))
                        continue;
                fd = store_open_layer(&opening->store, diff_id);
                if (fd < 0)
                        return damaged(opening, fd, "layer", diff_id);
                use->layer_fds[use->layer_count++] = fd;
                if (string_list_add(&use->diff_ids, diff_id) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int find(Opening *opening, const char *instance) {
        int r;

        r = store_open_existing(NULL, &opening->store);
        if (r >= 0)
                r = store_lock(&opening->store, STORE_LOCK_SHARED, &opening->use->lock_fd);
        if (r >= 0)
                r = store_read_reference(&opening->store, instance, &opening->use->manifest);
        return r == -EBADMSG ? damaged(opening, r, "reference", instance) : r;
}

int image_use_open(const char *name, const Location *where, Diagnostics *diagnostics, ImageUse *ret) {
        _cleanup_free_ char *instance = image_instance(name);
        _cleanup_image_manifest_ ImageManifest manifest = {};
        _cleanup_string_list_ StringList diff_ids = {};
        _cleanup_image_use_ ImageUse use = IMAGE_USE_INIT;
        _cleanup_(opening_done) Opening opening = { name, where, diagnostics, STORE_INIT, &use };
        int r;

        if (!instance)
                return -ENOMEM;
        r = find(&opening, instance);
        if (r >= 0)
                r = read_manifest(&opening, &manifest);
        if (r >= 0)
                r = read_configuration(&opening, &manifest, &diff_ids);
        if (r >= 0)
                r = open_layers(&opening, &diff_ids);
        if (r >= 0 && use.layer_count == 0)
                r = diagnose_error(diagnostics, where, "the image \"%s\" has no layers, and so nothing to run", name);
        if (r < 0)
                return r;
        *ret = use;
        use = (ImageUse) IMAGE_USE_INIT;
        return 0;
}

int image_use_view(const ImageUse *use) {
        int fd, r;

        if (use->layer_count == 1)
                fd = fcntl(use->layer_fds[0], F_DUPFD_CLOEXEC, 0);
        else {
                r = mounts_overlay(&(OverlayMount) {
                                .lower_fds = use->layer_fds,
                                .lower_count = use->layer_count,
                                .target = place_path(PLACE_STAGING),
                                .flags = MS_RDONLY | MS_NODEV,
                });
                if (r < 0)
                        return r;
                fd = open(place_path(PLACE_STAGING), O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
        return fd < 0 ? -errno : fd;
}

void image_use_describe(const ImageUse *use, const char *as, Text *text) {
        record_append(text, as, use->manifest, NULL);
        for (size_t i = 0; i < use->diff_ids.count; i++)
                record_append(text, "layer", use->diff_ids.items[i], NULL);
}

static int take_manifest(const StringList *words, void *userdata) {
        char **manifest = userdata;

        if (!streq(words->items[0], "manifest") || words->count < 2 || *manifest)
                return 0;
        *manifest = strdup(words->items[1]);
        return *manifest ? 0 : -ENOMEM;
}

int image_use_read(int directory_fd, char **ret_manifest) {
        return record_read(directory_fd, BUNDLE_IMAGE_FILE, false, take_manifest, ret_manifest);
}

void image_use_done(ImageUse *use) {
        for (size_t i = 0; i < use->layer_count; i++)
                fd_close(use->layer_fds[i]);
        use->layer_fds = x_free(use->layer_fds);
        use->layer_count = 0;
        use->manifest = x_free(use->manifest);
        use->configuration = x_free(use->configuration);
        string_list_done(&use->diff_ids);
        image_config_done(&use->config);
        use->lock_fd = fd_close(use->lock_fd);
}
