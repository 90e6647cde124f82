/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The content of a volume from an archive. */
#pragma once

#include "volume/volumes.h"

/* Puts what the archive of tar(5) at `in_fd`, plain or packed by gzip or zstd, has in the place of
 * the volume's content: owners, modes, times, extended attributes and ACLs that
 * tree_attribute_is_kept() knows, hard links, holes and pipes; devices and sockets are left out.
 * The archive is not to be trusted: what leads out of the volume, by ".." or a symlink of its own,
 * is refused. All of it is made beside the content, and takes its place when it is whole. On
 * failure the volume is as it was, and `ret_message`, freed by the caller, may say which entry was
 * at fault. Returns 0, -EBUSY when something is mounted on the volume, -EBADMSG when the archive is
 * damaged or not to be trusted, -EFBIG when it is too large or deeper than LAYER_DEPTH_MAX, -ENOPKG
 * without libarchive, or another -errno. */
int volume_import(const LockedVolume *volume, int in_fd, char **ret_message);
