/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A layer's archive, made again of what it was unpacked to. */
#pragma once

#include "image/digest.h"

/* Writes to `out_fd` the layer that the directory `fd` is, as layer_unpack() has made it: owners,
 * modes, times, hard links, the extended attributes that tree_attribute_is_kept() knows, and
 * overlayfs's whiteouts and opaque directories as those of layers. The same tree gives the same
 * bytes, which are none that a registry ever had. Returns 0 with the digest of the archive and its
 * size. What is no part of an archive that anybody may be given is refused, with the path in
 * `ret_fault`, which the caller frees: -EOPNOTSUPP for a device or a socket, -EFBIG for holes that
 * would become more zeros than an honest layer has, -ELOOP for what is nested deeper than layers
 * are. Or another -errno. */
int layer_pack(int fd, int out_fd, char ret_digest[DIGEST_TEXT_SIZE], uint64_t *ret_bytes, char **ret_fault);
