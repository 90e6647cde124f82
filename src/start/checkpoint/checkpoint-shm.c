/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in /dev/shm of a container that podman has begun. */
#include "start/checkpoint/checkpoint-shm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "image/layer.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/copy/tree-archive.h"

/* In the bundle. */
#define HAS_SHM_FILE "shm-restored"

int checkpoint_shm_open(int checkpoint_fd) {
        int fd = openat(checkpoint_fd, CHECKPOINT_SHM, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* As a container's own one: see add_shm(). */
static int make_file_system(uint64_t size_bytes, const char *label) {
        _cleanup_free_ char *size = text_format("%" PRIu64, size_bytes);
        _cleanup_close_ int fd = fsopen("tmpfs", FSOPEN_CLOEXEC);
        int mount_fd;

        if (!size)
                return -ENOMEM;
        if (fd < 0 || fsconfig(fd, FSCONFIG_SET_STRING, "source", "shm", 0) < 0 ||
            fsconfig(fd, FSCONFIG_SET_STRING, "mode", "1777", 0) < 0 ||
            fsconfig(fd, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
            (label && fsconfig(fd, FSCONFIG_SET_STRING, "context", label, 0) < 0) ||
            fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        mount_fd = fsmount(fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
        return mount_fd < 0 ? -errno : mount_fd;
}

static int fill(int mount_fd, int shm_fd) {
        _cleanup_close_ int root_fd = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *message = NULL;

        return root_fd < 0 ? -errno : layer_unpack_plain(shm_fd, root_fd, &message);
}

int checkpoint_shm_mount(const Bundle *bundle, int shm_fd, uint64_t size_bytes, const char *label) {
        _cleanup_close_ int fd = make_file_system(size_bytes, label);
        int r = fd < 0 ? fd : fill(fd, shm_fd);

        if (r >= 0)
                r = write_file_atomic_at(bundle->fd, HAS_SHM_FILE, "", 0, 0600);
        return r < 0 ? r : TAKE_FD(fd);
}

int checkpoint_shm_open_running(const Bundle *bundle, pid_t pid) {
        _cleanup_free_ char *process = text_format("/proc/%d", (int) pid);
        _cleanup_close_ int process_fd = process ? open(process, O_PATH | O_DIRECTORY | O_CLOEXEC) : -EBADF;

        if (!process)
                return -ENOMEM;
        if (faccessat(bundle->fd, HAS_SHM_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return process_fd < 0 ? -errno : mounts_clone_from(process_fd, "/dev/shm");
}

int checkpoint_shm_write(int running_fd, int checkpoint_fd) {
        _cleanup_close_ int out_fd = openat(checkpoint_fd, CHECKPOINT_SHM,
                                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        return out_fd < 0 ? -errno : tree_archive_write(running_fd, ".", TREE_ARCHIVE_WHOLE, out_fd);
}
