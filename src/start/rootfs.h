/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's root file system: what Rootfs= names, or an image's layers, mounted where there
 * is something to mount. */
#pragma once

#include "host/bundle.h"
#include "kind/container/container.h"

#define ROOTFS_MOUNT_POINT "rootfs" /* in the bundle */

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
        const char *manifest; /* of the image that the layers are of; borrowed */
        const char *former_upper; /* an overlay's upper directory, moved from there if it is there; borrowed; or NULL */
        bool read_only;
        bool idmap; /* seen through mappings, see idmap.h */
        bool pinned; /* mounted in the bundle, as it was found: a user could exchange it (safe-path.h), or
                      * the container's root cannot go to it */
} Root;

/* Looks at what Rootfs= names. Returns 0; -EREPORTED with a diagnostic when it is missing, neither
 * a directory nor a regular file, or behind a user's symlink to what is not that user's; or
 * -errno. */
int rootfs_find(const Container *container, Diagnostics *diagnostics, Root *ret);

/* Opens the directory that Rootfs= names, as it is written now, for those who look at a container
 * that does not run. Returns an fd (O_PATH), owned by the caller, -EOPNOTSUPP where it is a disk
 * image, or the errors of safe_path_open(). */
int rootfs_open_directory(const Container *container);

/* The path that the runtime finds it at: the directory itself, or the mount point in the bundle.
 * NULL when memory is short. Caller frees. */
char *rootfs_path(const Root *root, const Bundle *bundle);

/* What a root is made of: one directory, or the layers of an image, the topmost first. */
typedef struct RootParts {
        int *fds; /* of directories (O_PATH) */
        size_t count, allocated;
} RootParts;

/* What follows mounts, where there is something to mount, in a mount namespace of this process,
 * which the runtime inherits and nobody else sees. `label` and `ret_message` are as in mounts.h; a
 * directory keeps the labels that it has, as with podman.
 *
 * First: opens what the root is made of, as it is on disk. `ret` is {}, and to be released in any
 * case. Returns 0 or -errno. */
int rootfs_open(const Root *root, const Bundle *bundle, const char *label, RootParts *ret, char **ret_message);

/* With `root->idmap`: replaces each part by itself, seen through the mappings of a user namespace.
 * Returns 0, or the errors of idmap_mount(). */
int rootfs_idmap(const Root *root, const Bundle *bundle, int namespace_fd, RootParts *parts);

/* Last: makes the root of its parts. The upper directory of an overlay is recorded as an effect.
 * Returns an fd of the root directory (O_PATH), owned by the caller, or -errno. */
int rootfs_mount(const Root *root, const Bundle *bundle, const RootParts *parts, const char *label);

/* Whether that makes an overlay, with an upper directory below PLACE_CONTAINERS. */
bool rootfs_is_overlay(const Root *root);

void root_parts_done(RootParts *parts);
#define _cleanup_root_parts_ _cleanup_(root_parts_done)
