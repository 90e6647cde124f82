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

int layer_verify(const Store *store, const Staging *staging, const char *digest, const char *diff_id,
                 char **ret_difference) {
        _cleanup_close_ int layer_fd = store_open_layer(store, diff_id), fresh_fd = -EBADF;
        _cleanup_free_ char *difference = NULL;
        int r;

        if (layer_fd < 0)
                return layer_fd;
        fresh_fd = layer_unpack_fresh(store, staging, "verify", digest, diff_id, &difference);
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
