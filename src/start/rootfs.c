/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's root file system. */
#include "start/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/safe-path.h"
#include "host/effects.h"
#include "host/idmap.h"
#include "host/mounts.h"
#include "host/throw-away.h"
#include "kind/container/container-id-maps.h"
#include "source/places.h"
#include "start/checkpoint/checkpoint-wake.h"

#define IMAGE_FILE "root-image" /* a disk image that a user could exchange */
#define IMAGE_MOUNT_POINT "disk"
#define LOWER_MOUNT_POINT "lower"

/* A user's directories may be for the user alone, whom such a container's root need not be. */
static bool may_be_out_of_reach(const Container *container) {
        return container->of_user && (container_has_user_namespace(container) || container->joined_pod ||
                                      container->user_ns.kind != USERNS_HOST);
}

int rootfs_find(const Container *container, Diagnostics *diagnostics, Root *ret) {
        Location where = container_where(container, KEY_Container_Rootfs);
        const char *path = container->rootfs.path;
        bool overlay = container->rootfs.overlay;
        _cleanup_safe_path_ SafePath found = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL;
        struct stat st;
        int r;

        r = safe_path_open(path, &found, &link);
        if (r == -ENOENT || r == -ENOTDIR)
                return diagnose_error(diagnostics, &where, "the root file system \"%s\" does not exist", path);
        if (r == -ENOLINK)
                return diagnose_error(diagnostics, &where,
                                      "\"%s\": the symbolic link \"%s\" is a user's, and leads to what that user does "
                                      "not own",
                                      path, link ?: path);
        if (r < 0)
                return r;
        if (fstat(found.fd, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return diagnose_error(diagnostics, &where,
                                      "the root file system \"%s\" is neither a directory nor a disk image", path);
        *ret = (Root) {
                .kind = S_ISDIR(st.st_mode) ? (overlay ? ROOT_OVERLAY : ROOT_DIRECTORY)
                                            : (overlay ? ROOT_IMAGE_OVERLAY : ROOT_IMAGE),
                .source = path,
                .read_only = container->read_only,
                .idmap = container->rootfs.idmap,
                .pinned = !found.fixed || may_be_out_of_reach(container),
        };
        return 0;
}

int rootfs_open_directory(const Container *container) {
        _cleanup_safe_path_ SafePath found = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL;
        int fd, r = safe_path_open(container->rootfs.path, &found, &link);

        if (r < 0)
                return r;
        fd = openat(found.fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd >= 0 ? fd : errno == ENOTDIR ? -EOPNOTSUPP : -errno;
}

char *rootfs_path(const Root *root, const Bundle *bundle) {
        bool in_place = root->kind == ROOT_DIRECTORY && !root->idmap && !root->pinned;

        return in_place ? strdup(root->source) : path_join(bundle->path, ROOTFS_MOUNT_POINT);
}

/* Makes a mount point in the bundle. */
static int make_mount_point(const Bundle *bundle, const char *name, char **ret) {
        _cleanup_free_ char *path = path_join(bundle->path, name);

        if (!path)
                return -ENOMEM;
        if (mkdirat(bundle->fd, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        *ret = TAKE_PTR(path);
        return 0;
}

static int open_directory(const char *path) {
        int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Opens what may be exchanged meanwhile, looking at it anew. */
static int open_source(const Root *root) {
        _cleanup_safe_path_ SafePath source = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL;
        int r = safe_path_open(root->source, &source, &link);

        return r < 0 ? r : TAKE_FD(source.fd);
}

/* Returns an fd of the root directory, which is mounted in the bundle if the runtime could find
 * another one by its path. */
static int open_root_directory(const Root *root, const Bundle *bundle) {
        _cleanup_close_ int fd = open_source(root);
        _cleanup_free_ char *target = NULL;
        int r;

        if (fd < 0 || !root->pinned || root->kind != ROOT_DIRECTORY || root->idmap)
                return TAKE_FD(fd);
        r = make_mount_point(bundle, ROOTFS_MOUNT_POINT, &target);
        if (r >= 0)
                r = mounts_attach(fd, target, true);
        return r < 0 ? r : open_directory(target);
}

/* The path by which a disk image is mounted. */
static int find_image(const Root *root, const Bundle *bundle, char **ret) {
        _cleanup_close_ int fd = root->pinned ? open_source(root) : -EBADF;
        _cleanup_free_ char *path = root->pinned ? path_join(bundle->path, IMAGE_FILE) : strdup(root->source);
        int r = 0;

        if (!path)
                return -ENOMEM;
        if (root->pinned)
                r = fd < 0 ? fd : bundle_make_mount_point(bundle, IMAGE_FILE, fd);
        if (root->pinned && r >= 0)
                r = mounts_attach(fd, path, false);
        if (r >= 0)
                *ret = TAKE_PTR(path);
        return r;
}

/* Returns an fd of the mounted root directory. */
static int mount_image(const Root *root, const Bundle *bundle, const char *name, bool read_only, const char *label,
                       char **ret_message) {
        _cleanup_free_ char *target = NULL, *image = NULL;
        int r;

        r = make_mount_point(bundle, name, &target);
        if (r >= 0)
                r = find_image(root, bundle, &image);
        if (r < 0)
                return r;
        r = mounts_image(image, target, read_only, label, ret_message);
        if (r < 0)
                return r;
        return open_directory(target);
}

/* What the container had written when a checkpoint was taken of it, if it had a place for that. */
static int take_former(const Bundle *bundle, const char *former_upper, const char *base) {
        _cleanup_free_ char *upper = path_join(base, "upper");
        int r = upper ? make_directories_at(AT_FDCWD, base, 0700) : -ENOMEM;

        /* Once more: it has to be undone before the tree is removed. */
        if (r >= 0)
                r = effects_append(bundle, EFFECT_CHECKPOINT, bundle->id, NULL);
        if (r < 0)
                return r;
        return checkpoint_wake_take_upper(former_upper, upper);
}

static int mount_overlay(const Root *root, const Bundle *bundle, const RootParts *parts, const char *label) {
        /* A device node in an image is no way to the device, as with podman. */
        unsigned long flags = root->kind == ROOT_LAYERS ? MS_NODEV : 0;
        _cleanup_free_ char *base = path_join(place_path(PLACE_CONTAINERS), bundle->id), *target = NULL;
        int r;

        if (!base)
                return -ENOMEM;
        r = effects_append(bundle, EFFECT_TREE, base, NULL);
        if (r < 0)
                return r;
        /* What a power failure left behind has no effects file any more: /run is gone with it. */
        r = remove_tree_at(AT_FDCWD, base);
        if (r >= 0 && root->former_upper)
                r = take_former(bundle, root->former_upper, base);
        if (r < 0)
                return r;
        r = make_mount_point(bundle, ROOTFS_MOUNT_POINT, &target);
        if (r < 0)
                return r;
        r = throw_away_mount(base, (OverlayMount) { .lower_fds = parts->fds,
                                                    .lower_count = parts->count,
                                                    .target = target,
                                                    .label = label,
                                                    .flags = flags });
        if (r < 0)
                return r;
        return open_directory(target);
}

bool rootfs_is_overlay(const Root *root) {
        return root->kind == ROOT_OVERLAY || root->kind == ROOT_IMAGE_OVERLAY || root->kind == ROOT_LAYERS;
}

/* Takes over `fd`, which may be an error. */
static int add_part(RootParts *parts, int fd) {
        int r = fd < 0 ? fd : ARRAY_RESERVE(parts->fds, parts->allocated, parts->count + 1);

        if (r < 0) {
                fd_close(fd);
                return r;
        }
        parts->fds[parts->count++] = fd;
        return 0;
}

static int add_layers(const Root *root, RootParts *parts) {
        int r = 0;

        for (size_t i = 0; i < root->layer_count && r == 0; i++) {
                int fd = fcntl(root->layer_fds[i], F_DUPFD_CLOEXEC, 0);
                r = add_part(parts, fd < 0 ? -errno : fd);
        }
        return r;
}

int rootfs_open(const Root *root, const Bundle *bundle, const char *label, RootParts *ret, char **ret_message) {
        bool below = rootfs_is_overlay(root) || root->idmap;
        int r;

        /* First, where anything is to be mounted: what is opened before is not of the new mount
         * namespace, and cannot be mounted there. */
        if (root->kind != ROOT_DIRECTORY || root->idmap || root->pinned) {
                r = mounts_unshare(bundle->path);
                if (r < 0)
                        return r;
        }
        switch (root->kind) {
        case ROOT_LAYERS:
                return add_layers(root, ret);
        case ROOT_DIRECTORY:
        case ROOT_OVERLAY:
                return add_part(ret, open_root_directory(root, bundle));
        default:
                return add_part(ret, mount_image(root, bundle, below ? IMAGE_MOUNT_POINT : ROOTFS_MOUNT_POINT,
                                                 rootfs_is_overlay(root) || root->read_only, label, ret_message));
        }
}

int rootfs_idmap(const Root *root, const Bundle *bundle, int namespace_fd, RootParts *parts) {
        _cleanup_free_ char *target = NULL;
        int r;

        r = make_mount_point(bundle, rootfs_is_overlay(root) ? LOWER_MOUNT_POINT : ROOTFS_MOUNT_POINT, &target);
        if (r < 0)
                return r;
        for (size_t i = 0; i < parts->count; i++) {
                int fd = idmap_mount(parts->fds[i], namespace_fd, root->kind != ROOT_LAYERS, target);

                if (fd < 0)
                        return fd;
                fd_close(parts->fds[i]);
                parts->fds[i] = fd;
        }
        return 0;
}

int rootfs_mount(const Root *root, const Bundle *bundle, const RootParts *parts, const char *label) {
        int fd;

        if (rootfs_is_overlay(root))
                return mount_overlay(root, bundle, parts, label);
        fd = fcntl(parts->fds[0], F_DUPFD_CLOEXEC, 0);
        return fd < 0 ? -errno : fd;
}

void root_parts_done(RootParts *parts) {
        for (size_t i = 0; i < parts->count; i++)
                fd_close(parts->fds[i]);
        parts->fds = x_free(parts->fds);
        parts->count = parts->allocated = 0;
}
