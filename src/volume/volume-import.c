/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The content of a volume from an archive. */
#include "volume/volume-import.h"

#include <errno.h>

#include "image/layer.h"

/* The disk is what ends it: a volume may well be larger than any image. */
static const LayerLimits limits = {
        .tar_bytes = UINT64_C(1) << 60,
        .file_bytes = UINT64_C(1) << 44,
        .entries = 1000 * 1000 * 1000,
        .plain = true,
};

static int unpack(const LockedVolume *volume, int in_fd, char **ret_message) {
        _cleanup_close_ int fd = volume_begin(volume);
        char digest[DIGEST_TEXT_SIZE];

        return fd < 0 ? fd : layer_unpack_into(in_fd, fd, &limits, digest, ret_message);
}

int volume_import(const LockedVolume *volume, int in_fd, char **ret_message) {
        int r = volume_is_mounted(volume);

        if (r != 0 && r != -ENOENT)
                return r < 0 ? r : -EBUSY;
        r = unpack(volume, in_fd, ret_message);
        if (r < 0) {
                (void) volume_give_up(volume);
                return r;
        }
        return volume_replace(volume);
}
