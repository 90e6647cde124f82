/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container has changed in its root, laid over its image: the kernel then makes the upper
 * directory, with what directories of the image are in it, as it does for the container. */
#include "start/checkpoint/podman/podman-root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/path.h"
#include "basic/root.h"
#include "basic/text.h"
#include "host/throw-away.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/podman/podman-parts.h"

#define MOUNT_POINT "root"

static int apply_files(int parts_fd, int root_fd, const char *name, Diagnostics *diagnostics) {
        _cleanup_close_ int fd = openat(parts_fd, PODMAN_ROOT, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno; /* it has changed nothing */
        return podman_part_unpack(fd, PODMAN_ROOT, root_fd, name, diagnostics);
}

/* The path is resolved as in the container, whose symlinks lead nowhere else, and its last
 * component is not followed. */
static int remove_file(int root_fd, const char *path) {
        _cleanup_free_ char *parent = NULL, *entry = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r = path_split_entry(path, &parent, &entry);

        if (r < 0)
                return r;
        if (!*entry)
                return -EBADMSG;
        fd = root_open(root_fd, parent, O_RDONLY | O_DIRECTORY);
        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        return fd < 0 ? fd : remove_tree_at(fd, entry);
}

static int apply_removals(int parts_fd, int root_fd, const char *name, Diagnostics *diagnostics) {
        enum { LARGEST = 64 * 1024 * 1024 };
        _cleanup_json_object_ json_object *paths = NULL;
        int r = json_read_file_at(parts_fd, PODMAN_DELETED, LARGEST, json_type_array, &paths);

        if (r == -ENOENT)
                return 0;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(paths); i++) {
                const char *path = json_object_get_string(json_object_array_get_idx(paths, i));

                r = path ? remove_file(root_fd, path) : -EBADMSG;
        }
        return r == -EBADMSG || r == -EFBIG ? podman_part_damaged(name, PODMAN_DELETED, NULL, diagnostics) : r;
}

static int apply(const char *path, const char *target, const char *name, Diagnostics *diagnostics) {
        _cleanup_free_ char *parts = path_join(path, PODMAN_PARTS);
        _cleanup_close_ int parts_fd = parts ? open(parts, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -EBADF,
                            root_fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (!parts)
                return -ENOMEM;
        if (parts_fd < 0 || root_fd < 0)
                return -errno;
        r = apply_files(parts_fd, root_fd, name, diagnostics);
        return r < 0 ? r : apply_removals(parts_fd, root_fd, name, diagnostics);
}

/* Both halves of the overlay are below `base`, so that the upper one can be moved. */
static int make(const char *base, const char *target, const char *path, const ImageUse *image, const char *name,
                Diagnostics *diagnostics) {
        int r = make_directories_at(AT_FDCWD, target, 0700);

        if (r >= 0)
                r = throw_away_mount(base, (OverlayMount) { .lower_fds = image->layer_fds,
                                                            .lower_count = image->layer_count,
                                                            .target = target,
                                                            .flags = MS_NODEV | MS_NOSUID | MS_NOEXEC });
        if (r < 0)
                return r;
        r = apply(path, target, name, diagnostics);
        return umount2(target, UMOUNT_NOFOLLOW) < 0 && r >= 0 ? -errno : r;
}

int podman_root_make(const char *path, const ImageUse *image, const char *name, Diagnostics *diagnostics) {
        _cleanup_free_ char *base = path_join(path, PODMAN_PARTS "/overlay"),
                            *upper = path_join(path, CHECKPOINT_UPPER);
        _cleanup_free_ char *target = base ? path_join(base, MOUNT_POINT) : NULL,
                            *made = base ? path_join(base, "upper") : NULL;
        int r;

        if (!upper || !target || !made)
                return -ENOMEM;
        r = make(base, target, path, image, name, diagnostics);
        if (r < 0)
                return r;
        return rename(made, upper) < 0 ? -errno : 0;
}
