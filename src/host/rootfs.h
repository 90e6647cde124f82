/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's root file system: what Rootfs= names, or an image's layers, mounted where there is something to mount. */
#pragma once

#include "config/container.h"
#include "host/bundle.h"

typedef enum RootKind {
        ROOT_DIRECTORY,     /* as it is; nothing to mount */
        ROOT_OVERLAY,       /* a throw-away upper directory over `source` */
        ROOT_IMAGE,         /* a file system in a regular file */
        ROOT_IMAGE_OVERLAY, /* both */
        ROOT_LAYERS,        /* a throw-away upper directory over an image's layers */
} RootKind;

typedef struct Root {
        RootKind kind;
        const char *source; /* the directory or image; borrowed from the Container */
        const int *layer_fds; /* of ROOT_LAYERS, the topmost first, opened after mounts_unshare(); borrowed */
        size_t layer_count;
        bool read_only;
} Root;

/* Looks at what Rootfs= names. Returns 0; -EINVAL with a diagnostic when it is missing or neither a directory nor a regular file; or -errno. */
int rootfs_find(const Container *container, Diagnostics *diagnostics, Root *ret);

/* The path that the runtime finds it at: the directory itself, or the mount point in the bundle. NULL when memory is short. Caller frees. */
char *rootfs_path(const Root *root, const Bundle *bundle);

/* Mounts it, where there is something to mount, in a mount namespace of this process, which the runtime inherits and nobody else sees. The upper
 * directory of an overlay is recorded as an effect. Returns an fd of the root directory (O_PATH), owned by the caller, or -errno; `label` and `ret_message` as in
 * mounts.h; a directory keeps the labels that it has, as with podman. */
int rootfs_mount(const Root *root, const Bundle *bundle, const char *label, char **ret_message);
