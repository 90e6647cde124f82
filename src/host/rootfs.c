/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's root file system. */
#include "host/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "host/effects.h"
#include "host/mounts.h"

#define ROOTFS_MOUNT_POINT "rootfs"
#define IMAGE_MOUNT_POINT "disk"

int rootfs_find(const Container *container, Diagnostics *diagnostics, Root *ret) {
        Location where = container_where(container, KEY_Container_Rootfs);
        const char *path = container->rootfs.path;
        bool overlay = container->rootfs.overlay;
        struct stat st;

        if (stat(path, &st) < 0) {
                int error = errno;

                if (error != ENOENT && error != ENOTDIR)
                        return -error;
                return diagnose_error(diagnostics, &where, "the root file system \"%s\" does not exist", path);
        }
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return diagnose_error(diagnostics, &where, "the root file system \"%s\" is neither a directory nor a disk image", path);
        *ret = (Root) {
                .kind = S_ISDIR(st.st_mode) ? (overlay ? ROOT_OVERLAY : ROOT_DIRECTORY) : (overlay ? ROOT_IMAGE_OVERLAY : ROOT_IMAGE),
                .source = path,
                .read_only = container->read_only,
        };
        return 0;
}

char *rootfs_path(const Root *root, const Bundle *bundle) {
        return root->kind == ROOT_DIRECTORY ? strdup(root->source) : path_join(bundle->path, ROOTFS_MOUNT_POINT);
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

/* Returns an fd of the mounted root directory. */
static int mount_image(const char *image, const Bundle *bundle, const char *name, bool read_only, const char *label, char **ret_message) {
        _cleanup_free_ char *target = NULL;
        int r;

        r = make_mount_point(bundle, name, &target);
        if (r < 0)
                return r;
        r = mounts_image(image, target, read_only, label, ret_message);
        if (r < 0)
                return r;
        return open_directory(target);
}

/* The upper directory stands for the root directory itself, so it takes over its owner and mode. */
static int make_upper_directory(const char *path, int lower_fd) {
        struct stat st;
        int r;

        r = make_directories_at(AT_FDCWD, path, 0755);
        if (r < 0)
                return r;
        if (fstat(lower_fd, &st) < 0 || chown(path, st.st_uid, st.st_gid) < 0 || chmod(path, st.st_mode & 07777) < 0)
                return -errno;
        return 0;
}

static int mount_overlay(const Bundle *bundle, const int lower_fds[], size_t lower_count, const char *label, unsigned long flags) {
        _cleanup_free_ char *base = path_join(CONTAINERS_DIRECTORY, bundle->id), *upper = NULL, *work = NULL, *target = NULL;
        int r;

        upper = base ? path_join(base, "upper") : NULL;
        work = base ? path_join(base, "work") : NULL;
        if (!upper || !work)
                return -ENOMEM;
        r = effects_append(bundle, EFFECT_TREE, base, NULL);
        if (r < 0)
                return r;
        /* What a power failure left behind has no effects file any more: /run is gone with it. */
        r = remove_tree_at(AT_FDCWD, base);
        if (r < 0)
                return r;
        r = make_directories_at(AT_FDCWD, base, 0700);
        if (r < 0)
                return r;
        r = make_upper_directory(upper, lower_fds[0]);
        if (r < 0)
                return r;
        r = make_directories_at(AT_FDCWD, work, 0700);
        if (r < 0)
                return r;
        r = make_mount_point(bundle, ROOTFS_MOUNT_POINT, &target);
        if (r < 0)
                return r;
        r = mounts_overlay(&(OverlayMount) {
                .lower_fds = lower_fds,
                .lower_count = lower_count,
                .upper = upper,
                .work = work,
                .target = target,
                .label = label,
                .flags = flags,
        });
        if (r < 0)
                return r;
        return open_directory(target);
}

int rootfs_mount(const Root *root, const Bundle *bundle, const char *label, char **ret_message) {
        _cleanup_close_ int lower_fd = -EBADF;
        int r;

        if (root->kind == ROOT_DIRECTORY)
                return open_directory(root->source);
        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        /* A device node in an image is no way to the device, as with podman. */
        if (root->kind == ROOT_LAYERS)
                return mount_overlay(bundle, root->layer_fds, root->layer_count, label, MS_NODEV);
        if (root->kind == ROOT_IMAGE)
                return mount_image(root->source, bundle, ROOTFS_MOUNT_POINT, root->read_only, label, ret_message);
        if (root->kind == ROOT_IMAGE_OVERLAY)
                lower_fd = mount_image(root->source, bundle, IMAGE_MOUNT_POINT, true, label, ret_message);
        else
                lower_fd = open_directory(root->source);
        if (lower_fd < 0)
                return lower_fd;
        return mount_overlay(bundle, &lower_fd, 1, label, 0);
}
