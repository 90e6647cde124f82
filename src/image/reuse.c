/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of an image need not be fetched. */
#include "image/reuse.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/text.h"
#include "image/catalog.h"
#include "image/download.h"

/* What an image of the store says that the blob unpacks to; borrowed, or NULL. That has been tried
 * when it was pulled. */
static const char *find_diff_id(const Catalog *catalog, const char *digest) {
        for (size_t i = 0; i < catalog->count; i++) {
                const ImageParts *parts = &catalog->items[i].parts;

                for (size_t j = 0; j < parts->diff_ids.count && j < parts->layer_blobs.count; j++)
                        if (streq(parts->layer_blobs.items[j], digest))
                                return parts->diff_ids.items[j];
        }
        return NULL;
}

/* One that was left by a pull before: its layer may be gone since. */
static int remove_empty(int download_fd, const char *name) {
        struct stat st;

        if (fstatat(download_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        return S_ISREG(st.st_mode) && st.st_blocks == 0 && unlinkat(download_fd, name, 0) < 0 ? -errno : 0;
}

/* A size that no file can have is the manifest's claim: then the blob is fetched, and fails. */
static int make_empty(int download_fd, const char *name, uint64_t size) {
        _cleanup_close_ int fd = openat(download_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0)
                return errno == EEXIST ? 0 : -errno;
        if (size <= INT64_MAX && ftruncate(fd, (off_t) size) >= 0)
                return 0;
        return unlinkat(download_fd, name, 0) < 0 ? -errno : 0;
}

static int reuse(const Store *store, int download_fd, const Catalog *catalog, const ImageDescriptor *blob) {
        _cleanup_free_ char *name = text_format("%s/%s", DOWNLOAD_BLOBS, digest_hex(blob->digest));
        const char *diff_id;
        int r;

        r = name ? remove_empty(download_fd, name) : -ENOMEM;
        if (r >= 0)
                r = store_link_blob(store, blob->digest, download_fd, name);
        if (r != -ENOENT)
                return r == -EEXIST ? 0 : r;
        /* An encrypted one must be asked for with its key. */
        diff_id = blob->compression == LAYER_ENCRYPTED ? NULL : find_diff_id(catalog, blob->digest);
        r = diff_id ? store_has_layer(store, diff_id) : 0;
        return r > 0 ? make_empty(download_fd, name, blob->size_bytes) : r;
}

int reuse_blobs(const Store *store, int download_fd, const ImageManifest *manifest) {
        _cleanup_close_ int lock_fd = -EBADF;
        _cleanup_catalog_ Catalog catalog = {};
        int r;

        r = store_lock(store, STORE_LOCK_SHARED, &lock_fd);
        if (r >= 0)
                r = catalog_read(store, &catalog);
        for (size_t i = 0; i < manifest->layer_count && r >= 0; i++)
                r = reuse(store, download_fd, &catalog, &manifest->layers[i]);
        return r < 0 ? r : reuse(store, download_fd, &catalog, &manifest->config);
}
