/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was fetched becomes the store's. */
#include "image/take-over.h"

#include <errno.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "image/layer.h"

/* What came of verifying one blob that was fetched. */
static int judge_blob(const Fetch *fetch, const char *name, const char *digest, int r) {
        if (r != -EBADMSG)
                return r;
        (void) unlinkat(fetch->download->fd, name, 0);
        return diagnose_error(fetch->diagnostics, NULL, "%s: what was fetched as %s has another content",
                              fetch->reference->name, digest);
}

static int take_blob(const Fetch *fetch, const ImageDescriptor *blob) {
        _cleanup_free_ char *name = fetch_blob_name(fetch, blob->digest);
        int r;

        if (!name)
                return -ENOMEM;
        r = store_has_blob(fetch->store, blob->digest, NULL);
        if (r != 0)
                return r < 0 ? r : 0;
        r = store_add_blob(fetch->store, fetch->download->fd, name, blob->digest, blob->size_bytes);
        return judge_blob(fetch, name, blob->digest, r);
}

static int take_manifest(const Fetch *fetch, const Found *found) {
        int r = write_file_atomic_at(fetch->download->fd, "manifest", found->text, found->size, 0600);

        return r < 0 ? r : store_add_blob(fetch->store, fetch->download->fd, "manifest", found->digest, found->size);
}

/* The store's, or what was fetched. Returns an fd, owned by the caller, or -errno. */
static int open_blob(const Fetch *fetch, const ImageDescriptor *blob) {
        _cleanup_free_ char *name = fetch_blob_name(fetch, blob->digest);
        int fd = name ? store_open_blob(fetch->store, blob->digest) : -ENOMEM;

        if (fd != -ENOENT)
                return fd;
        fd = blob_open_verified(fetch->download->fd, name, blob->digest, blob->size_bytes);
        return judge_blob(fetch, name, blob->digest, fd);
}

static int take_layer(const TakeOver *take_over, const Staging *staging, const ImageDescriptor *layer,
                      const char *diff_id) {
        const Fetch *fetch = take_over->fetch;
        _cleanup_free_ char *message = NULL;
        _cleanup_close_ int blob_fd = -EBADF;
        int r;

        r = store_has_layer(fetch->store, diff_id);
        if (r != 0)
                return r < 0 ? r : 0;
        blob_fd = open_blob(fetch, layer);
        if (blob_fd < 0)
                return blob_fd;
        r = layer_unpack(fetch->store, staging, blob_fd, diff_id, &message);
        if (r != -EBADMSG && r != -EFBIG)
                return r;
        return diagnose_error(fetch->diagnostics, NULL, "%s: the layer %s cannot be unpacked: %s",
                              fetch->reference->name, layer->digest, message ? message : strerror(-r));
}

static int take_layers(const TakeOver *take_over, const ImageManifest *manifest) {
        const Fetch *fetch = take_over->fetch;
        _cleanup_staging_ Staging staging = STAGING_INIT;
        _cleanup_json_object_ json_object *configuration = NULL;
        _cleanup_string_list_ StringList diff_ids = {};
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = store_read_blob(fetch->store, manifest->config.digest, IMAGE_JSON_MAX, &text, &size);
        if (r >= 0)
                r = image_configuration_read(text, size, fetch->reference->name, manifest->layer_count,
                                             fetch->diagnostics, &diff_ids, &configuration);
        if (r >= 0)
                r = staging_open(fetch->store->fd, &staging);
        for (size_t i = 0; r >= 0 && i < manifest->layer_count; i++) {
                take_over->unpacking(i + 1, manifest->layer_count, take_over->userdata);
                r = take_layer(take_over, &staging, &manifest->layers[i], diff_ids.items[i]);
        }
        return r;
}

int take_over_image(const TakeOver *take_over, const Found *found) {
        const Fetch *fetch = take_over->fetch;
        int r = 0;

        for (size_t i = 0; take_over->keep_blobs && r >= 0 && i < found->manifest.layer_count; i++)
                r = take_blob(fetch, &found->manifest.layers[i]);
        if (r >= 0)
                r = take_blob(fetch, &found->manifest.config);
        if (r >= 0)
                r = take_manifest(fetch, found);
        return r < 0 ? r : take_layers(take_over, &found->manifest);
}
