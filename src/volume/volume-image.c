/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Driver=image: a volume that begins as what an image has in it. It is copied, once, as from a
 * container's root file system: so the volume can be written to, can be mounted in any way, and
 * needs the image no longer. */
#include "volume/volume-image.h"

#include <errno.h>
#include <fcntl.h>

#include "host/mounts.h"
#include "image/find.h"
#include "source/places.h"

/* Mounted where nobody else sees it. Returns an fd of its root. */
static int open_content(const Volume *volume, const Location *where, Diagnostics *diagnostics) {
        _cleanup_image_use_ ImageUse image = IMAGE_USE_INIT;
        _cleanup_close_ int view_fd = -EBADF;
        int r, fd;

        /* The layers can be mounted where they were opened. */
        r = mounts_unshare(place_path(PLACE_STATE));
        if (r >= 0)
                r = image_open(volume->image, PULL_MISSING, where, diagnostics, &image);
        if (r < 0)
                return r;
        view_fd = image_use_view(&image);
        if (view_fd < 0)
                return view_fd;
        fd = openat(view_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int volume_image_fill(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics) {
        Location where = section_where(&volume->section, KEY_Volume_Image);
        VolumeFirstUse first = { .copy = true };
        _cleanup_close_ int source_fd = -EBADF;
        int r;

        r = volume_is_new(locked);
        if (r <= 0)
                return r;
        source_fd = open_content(volume, &where, diagnostics);
        if (source_fd < 0)
                return source_fd;
        first.source_fd = source_fd;
        r = volume_use(locked, &first);
        if (r < 0)
                return r;
        r = volume_is_new(locked);
        return r > 0 ? diagnose_error(diagnostics, &where, "the image \"%s\" has nothing in it", volume->image) : r;
}
