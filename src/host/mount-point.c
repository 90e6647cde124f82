/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in the container a file of ours can be mounted. */
#include "host/mount-point.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "basic/path.h"
#include "basic/root.h"
#include "kind/container/container-mounts.h"

/* 1 for a regular file, 0 for anything else, -ENOENT, or another -errno. */
static int is_regular(int root_fd, const char *path) {
        _cleanup_close_ int fd = root_open(root_fd, path, O_PATH | O_NOFOLLOW);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode);
}

/* The volume that `path` would be in; the innermost, when they are nested. */
static const VolumeMount *find_volume(const Container *container, const Facts *facts, const char *path,
                                      const char **ret_destination) {
        const VolumeMount *found = NULL;

        for (size_t i = 0; i < container->volumes.count; i++) {
                const char *destination = facts_resolve(facts, container->volumes.items[i].destination);

                if (path_is_below(path, destination) &&
                    (!found || path_depth(destination) > path_depth(*ret_destination))) {
                        found = &container->volumes.items[i];
                        *ret_destination = destination;
                }
        }
        return found;
}

/* A volume is the user's: nothing is made in it. A new one of berth's will have what the root has
 * there. */
static int is_in_volume(const VolumeMount *volume, const Facts *facts, int root_fd, const char *destination,
                        const char *path) {
        /* Where in the bundle the host's path may be mounted, it is not yet. */
        const char *source = volume->kind == VOLUME_HOST_PATH ? volume->source : facts_volume_source(facts, volume);
        _cleanup_close_ int fd = source ? open(source, O_PATH | O_DIRECTORY | O_CLOEXEC) : -EBADF;

        if (fd < 0)
                return volume->kind != VOLUME_HOST_PATH && !volume->no_copy && is_regular(root_fd, path) > 0;
        return is_regular(fd, path + strlen(destination) + 1) > 0;
}

/* 1 on one where the runtime can make the file, 0 on one where it cannot, -1 on none. */
static int is_on_tmpfs(const Container *container, const Facts *facts, const char *path) {
        for (size_t i = 0; i < container->tmpfs.count; i++) {
                const TmpfsMount *tmpfs = &container->tmpfs.items[i];

                if (path_is_below(path, facts_resolve(facts, tmpfs->destination)))
                        return !string_list_contains(&tmpfs->options, "ro");
        }
        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];

                if (mount->destination && !mount_is(mount, "glob") &&
                    path_is_below(path, facts_resolve(facts, mount->destination)))
                        return mount_is(mount, "ramfs") && !string_list_contains(&mount->options, "ro");
        }
        /* The only one of ours that a file of ours can be on. */
        if (path_is_below(path, facts_resolve(facts, "/run")) &&
            (container_runs_systemd(container) || (container->read_only && container->read_only_tmpfs != NO)))
                return 1;
        return -1;
}

static int is_in_root(const Container *container, int root_fd, const char *path) {
        struct statvfs st;
        int r;

        r = is_regular(root_fd, path);
        if (r >= 0)
                return r;
        if (r != -ENOENT)
                return r == -ENOMEM ? r : 0;
        /* An image's is an overlay that can be written to, also where it is only looked at. */
        if (container->image)
                return 1;
        if (fstatvfs(root_fd, &st) < 0)
                return -errno;
        return !(st.f_flag & ST_RDONLY);
}

int mount_point_find(const Container *container, int root_fd, const Facts *facts, const char *path, char **ret) {
        static const char *const kernel[] = { "/dev", "/proc", "/sys" };
        _cleanup_free_ char *resolved = NULL;
        const char *destination = NULL;
        const VolumeMount *volume;
        int r;

        r = root_resolve(root_fd, path, &resolved);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
                if (path_is_below(resolved, kernel[i]))
                        return 0;
        volume = find_volume(container, facts, resolved, &destination);
        if (volume && streq(destination, resolved))
                r = 1; /* and gives way to it, which is for oci/oci-mounts.c to say */
        else if (volume)
                r = is_in_volume(volume, facts, root_fd, destination, resolved);
        else if ((r = is_on_tmpfs(container, facts, resolved)) < 0)
                r = is_in_root(container, root_fd, resolved);
        if (r <= 0)
                return r;
        *ret = TAKE_PTR(resolved);
        return 1;
}
