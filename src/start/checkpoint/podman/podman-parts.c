/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in an archive of podman container checkpoint --export. */
#include "start/checkpoint/podman/podman-parts.h"

#include <errno.h>

#include "basic/alloc.h"
#include "image/layer.h"

int podman_part_damaged(const char *name, const char *part, const char *why, Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, NULL, "%s: its \"%s\" is damaged, or not to be trusted%s%s", name, part,
                              why ? ": " : "", why ?: "");
}

int podman_part_unpack(int fd, const char *part, int directory_fd, const char *name, Diagnostics *diagnostics) {
        _cleanup_free_ char *message = NULL;
        int r = layer_unpack_plain(fd, directory_fd, &message);

        return r == -EBADMSG || r == -EFBIG ? podman_part_damaged(name, part, message, diagnostics) : r;
}
