/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A /dev/null that is the container's own. */
#include "start/null-device.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "basic/path.h"
#include "host/labels.h"
#include "host/mounts.h"

#define DIRECTORY "null"
#define NODE DIRECTORY "/null"

static bool is_null_device(int fd) {
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static int make_node(const char *directory) {
        _cleanup_free_ char *path = path_join(directory, "null");

        if (!path)
                return -ENOMEM;
        /* /run itself is mounted without device nodes. Newer kernels count the attributes of files,
         * such as SELinux labels, as inodes. */
        if (mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0700,size=64k,nr_inodes=16") < 0 ||
            mknod(path, S_IFCHR | 0666, makedev(1, 3)) < 0 || chmod(path, 0666) < 0)
                return -errno;
        /* What SELinux lets everyone do with the machine's is to be done with this one. */
        return labels_copy("/dev/null", path);
}

int null_device_make(const Bundle *bundle) {
        _cleanup_free_ char *directory = path_join(bundle->path, DIRECTORY);
        int r;

        if (!directory)
                return -ENOMEM;
        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        if (mkdirat(bundle->fd, DIRECTORY, 0700) < 0)
                return -errno;
        return make_node(directory);
}

int null_device_use(const Bundle *bundle) {
        _cleanup_free_ char *path = path_join(bundle->path, NODE);
        _cleanup_close_ int fd = -EBADF;

        if (!path)
                return -ENOMEM;
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
                if (is_null_device(i) && dup2(fd, i) < 0)
                        return -errno;
        return 0;
}
