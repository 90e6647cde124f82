/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images import: an image of a root file system. */
#include "berth/images/tree-take.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/log.h"
#include "berth/images/archive-load.h"
#include "image/tree-import.h"

static int open_archive(const char *file) {
        int fd = streq(file, "-") ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(file, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? log_error_errno(-errno, "Failed to open %s: %m", file) : fd;
}

int tree_take(const char *file, const char *name) {
        _cleanup_close_ int fd = open_archive(file);
        _cleanup_store_ Store store = STORE_INIT; /* closed last: the staging directory is removed in it */
        _cleanup_staging_ Staging staging = STAGING_INIT;
        _cleanup_free_ char *source = NULL;
        int r;

        if (fd < 0)
                return fd;
        r = store_open(NULL, &store);
        if (r >= 0)
                r = staging_open(store.fd, &staging);
        if (r < 0)
                return log_error_errno(r, "Failed to open the store of images: %m");
        r = tree_import(&staging, fd, &source);
        if (r == -EBADMSG) {
                log_error("%s: that is no whole tar archive, plain or compressed by gzip or zstd", file);
                return r;
        }
        if (r < 0)
                return log_error_errno(r, "Failed to make an image of %s: %m", file);
        return image_take(source, name);
}
