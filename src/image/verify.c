/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verifying what the store has. */
#include "image/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "basic/files.h"
#include "basic/text.h"
#include "image/layer.h"
#include "image/tree-compare.h"
#include "image/tree-digest.h"

int blob_verify(const Store *store, const char *digest) {
        _cleanup_close_ int fd = store_open_blob(store, digest);
        char found[DIGEST_TEXT_SIZE];
        int r;

        if (fd < 0)
                return fd;
        r = digest_of_fd(fd, found, NULL);
        return r < 0 ? r : streq(found, digest);
}

/* Of a root that the archive does not speak of, earlier versions of berth left the time at which it
 * was unpacked; that makes no other layer of it. */
static int forgive_time(int layer_fd, int fresh_fd) {
        struct stat layer, fresh;

        if (fstat(layer_fd, &layer) < 0 || fstat(fresh_fd, &fresh) < 0)
                return -errno;
        if (fresh.st_mtim.tv_sec != 0 || fresh.st_mtim.tv_nsec != 0)
                return 0;
        return futimens(fresh_fd, (const struct timespec[]) { layer.st_atim, layer.st_mtim }) < 0 ? -errno : 0;
}

static int verify_by_blob(const Staging *staging, int layer_fd, int blob_fd, const char *diff_id,
                          char **ret_difference) {
        _cleanup_free_ char *difference = NULL;
        _cleanup_close_ int fresh_fd = -EBADF;
        int r;

        fresh_fd = layer_unpack_fresh(staging, "verify", blob_fd, diff_id, &difference);
        if (fresh_fd == -EBADMSG) { /* then it never was this blob's */
                *ret_difference = difference ? TAKE_PTR(difference) : strdup("its blob cannot be unpacked");
                return *ret_difference ? 0 : -ENOMEM;
        }
        if (fresh_fd < 0)
                return fresh_fd;
        r = forgive_time(layer_fd, fresh_fd);
        if (r >= 0)
                r = trees_compare(layer_fd, fresh_fd, &difference);
        (void) remove_tree_at(staging->fd, "verify");
        if (r != 0)
                return r;
        *ret_difference = text_format("%s differs", difference);
        return *ret_difference ? 0 : -ENOMEM;
}

static int verify_by_tree(const Store *store, int layer_fd, const char *diff_id, char **ret_difference) {
        _cleanup_free_ char *expected = NULL;
        char found[DIGEST_TEXT_SIZE];
        int r;

        r = store_read_tree(store, diff_id, &expected);
        if (r == -EBADMSG) {
                *ret_difference = strdup("the digest of its files is damaged");
                return *ret_difference ? 0 : -ENOMEM;
        }
        if (r >= 0)
                r = tree_digest(layer_fd, found);
        if (r < 0 && r != -ELOOP)
                return r;
        if (r >= 0 && streq(found, expected))
                return 1;
        *ret_difference = strdup("its files have another digest");
        return *ret_difference ? 0 : -ENOMEM;
}

int layer_verify(const Store *store, const Staging *staging, const char *digest, const char *diff_id,
                 char **ret_difference) {
        _cleanup_close_ int layer_fd = store_open_layer(store, diff_id), blob_fd = -EBADF;

        if (layer_fd < 0)
                return layer_fd;
        blob_fd = store_open_blob(store, digest);
        if (blob_fd == -ENOENT)
                return verify_by_tree(store, layer_fd, diff_id, ret_difference);
        return blob_fd < 0 ? blob_fd : verify_by_blob(staging, layer_fd, blob_fd, diff_id, ret_difference);
}
