/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device nodes for a container with a user namespace. */
#include "start/device-nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/text.h"
#include "host/labels.h"
#include "host/mounts.h"

#define DIRECTORY "devices"

/* A user cannot make any: the machine's own are bound. */
static bool needs_nodes(const Facts *facts) {
        return facts->uid_map.count > 0 && facts->user_ids == 0;
}

int device_nodes_gather(const char *bundle_path, Facts *facts) {
        for (size_t i = 0; i < facts->devices.count && needs_nodes(facts); i++) {
                char *path = text_format("%s/" DIRECTORY "/%zu", bundle_path, i);

                if (!path)
                        return -ENOMEM;
                free(facts->devices.items[i].source);
                facts->devices.items[i].source = path;
        }
        return 0;
}

static int make_node(int directory_fd, const FactDevice *device, const Facts *facts, const char *label) {
        const char *name = path_basename(device->source);
        _cleanup_close_ int fd = -EBADF;
        uint32_t uid, gid;

        if (facts_uid_outside(facts, device->uid, &uid) < 0)
                (void) facts_uid_outside(facts, 0, &uid);
        if (facts_gid_outside(facts, device->gid, &gid) < 0)
                (void) facts_gid_outside(facts, 0, &gid);
        if (mknodat(directory_fd, name, (device->type == 'b' ? S_IFBLK : S_IFCHR) | 0600,
                    makedev(device->major, device->minor)) < 0)
                return -errno;
        /* Nobody else gets into this directory before the container runs. */
        if (fchownat(directory_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
            fchmodat(directory_fd, name, device->mode & 0777, 0) < 0)
                return -errno;
        fd = label ? openat(directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -EBADF;
        return fd < 0 ? 0 : labels_set(fd, label);
}

/* /run itself is mounted without device nodes. */
static int mount_directory(const Bundle *bundle, size_t count) {
        _cleanup_free_ char *path = path_join(bundle->path, DIRECTORY),
                            *options = text_format("mode=0711,size=64k,nr_inodes=%zu", 2 * count + 16);
        int r, fd;

        if (!path || !options)
                return -ENOMEM;
        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        if (mkdirat(bundle->fd, DIRECTORY, 0711) < 0 ||
            mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NOEXEC, options) < 0)
                return -errno;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int device_nodes_make(const Bundle *bundle, const Facts *facts, const char *label) {
        const FactDeviceList *devices = &facts->devices;
        _cleanup_close_ int fd = -EBADF;
        int r = 0;

        if (devices->count == 0 || !needs_nodes(facts))
                return 0;
        fd = mount_directory(bundle, devices->count);
        if (fd < 0)
                return fd;
        for (size_t i = 0; i < devices->count && r >= 0; i++)
                r = make_node(fd, &devices->items[i], facts, label);
        return r;
}
