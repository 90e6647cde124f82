/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A checkpoint of podman's, unpacked, becomes one of ours. */
#pragma once

#include "image/image-use.h"
#include "start/checkpoint/checkpoint-about.h"
#include "start/checkpoint/checkpoint-archive.h"

/* Makes one of the parts in the checkpoint's directory `path`, of which there is an fd, too;
 * nothing else of podman's is left there. `image` is the container's, or NULL, as
 * podman_root_make() wants it; `volumes` are those whose content is wanted. `name` is the archive's
 * in diagnostics. Returns 0, -EREPORTED with what is wrong, or another -errno. */
int podman_settle(int new_fd, const char *path, const char *name, const CheckpointAbout *about, const ImageUse *image,
                  const ArchivedVolume volumes[], size_t volume_count, Diagnostics *diagnostics);
