/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container has changed in its root, as podman writes that down: files that are new or
 * other, and the names of those that are gone. Nothing is said of directories that are the image's,
 * so that only laying it over the image makes an overlay's upper directory of it. */
#pragma once

#include "basic/diagnostics.h"
#include "image/image-use.h"

/* Makes the upper directory CHECKPOINT_UPPER of the checkpoint in the directory `path`, whose files
 * podman-parts.h speaks of. They may be hostile: the rules of layers hold, so that nothing is
 * written elsewhere, and devices are left out. The image was opened in this process's own mount
 * namespace (mounts_unshare()). `name` is the archive's in diagnostics. Returns 0, -EREPORTED with
 * what is wrong, or another -errno. */
int podman_root_make(const char *path, const ImageUse *image, const char *name, Diagnostics *diagnostics);
