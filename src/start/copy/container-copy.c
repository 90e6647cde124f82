/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copying files out of containers and into them. */
#include "start/copy/container-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/root.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "host/user/user-root.h"
#include "kind/load.h"
#include "start/exec/exec-target.h"
#include "start/image-root.h"
#include "start/rootfs.h"

/* The root of a container */

/* Of the same namespace as this process a map would say what is what further out. */
static bool is_in_same_namespace(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/user", (int) pid);
        struct stat own, other;

        return path && stat("/proc/self/ns/user", &own) >= 0 && stat(path, &other) >= 0 &&
               own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

/* Who is the container's 0 outside: in "uid_map" or "gid_map" of its first process. */
static int find_zero(pid_t pid, const char *file, uint32_t *ret) {
        _cleanup_free_ char *path = text_format("/proc/%d/%s", (int) pid, file), *text = NULL;
        _cleanup_string_list_ StringList lines = {};
        int r;

        r = path ? read_virtual_file(path, &text) : -ENOMEM;
        if (r >= 0)
                r = string_list_add_split(&lines, text, strlen(text), "\n");
        for (size_t i = 0; i < lines.count && r >= 0; i++) {
                unsigned inside, outside, count;

                if (sscanf(lines.items[i], "%u %u %u", &inside, &outside, &count) == 3 && inside == 0) {
                        *ret = outside;
                        return 0;
                }
        }
        return r < 0 ? r : -EOVERFLOW;
}

static int open_running(const char *stem, CopyRoot *ret) {
        pid_t pid;
        int r = exec_target_open_root(stem, &ret->fd, &pid);

        /* What is a user's other IDs', the user may read and write there alone. */
        if (r >= 0)
                r = user_root_join_process(pid);
        if (r == -ESRCH)
                return -ENOENT;
        if (r >= 0 && is_in_same_namespace(pid)) {
                ret->owner = (TreeOwner) {};
                return 0;
        }
        if (r >= 0)
                r = find_zero(pid, "uid_map", &ret->owner.uid);
        return r < 0 ? r : find_zero(pid, "gid_map", &ret->owner.gid);
}

static int open_image(Container *container, Diagnostics *diagnostics, CopyRoot *ret) {
        int r;

        r = mounts_unshare(place_path(PLACE_STATE));
        if (r >= 0)
                r = container_open_image(container, diagnostics, &ret->image);
        if (r >= 0)
                r = image_use_view(&ret->image);
        if (r < 0)
                return r;
        ret->fd = r;
        return 0;
}

static int open_rootfs(const Container *container, CopyRoot *ret) {
        int fd = rootfs_open_directory(container);

        if (fd < 0)
                return fd;
        ret->fd = fd;
        return 0;
}

static int open_stopped(const char *stem, bool for_writing, Diagnostics *diagnostics, CopyRoot *ret) {
        _cleanup_container_ Container *container = NULL;
        int r = container_look_up(stem, NULL, diagnostics, &container);

        if (r < 0)
                return r;
        /* IDs of a user namespace are chosen at a start, and idmapped mounts are made then. */
        if (for_writing && (!container->rootfs.path || container->rootfs.overlay || container->rootfs.idmap))
                return -EROFS;
        return container->rootfs.path ? open_rootfs(container, ret) : open_image(container, diagnostics, ret);
}

int copy_root_open(const char *stem, bool for_writing, Diagnostics *diagnostics, CopyRoot *ret) {
        int r = open_running(stem, ret);

        if (r != -ENOENT)
                return r;
        r = user_root_enter();
        return r < 0 ? r : open_stopped(stem, for_writing, diagnostics, ret);
}

void copy_root_done(CopyRoot *root) {
        root->fd = fd_close(root->fd);
        image_use_done(&root->image);
}

/* Both ends */

static int open_in(const CopyRoot *root, const char *path, int flags) {
        int fd;

        if (root->fd >= 0)
                return root_open(root->fd, path, flags);
        fd = open(path, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int copy_open_source(const CopyRoot *root, const char *path) {
        return open_in(root, path, O_PATH | O_NOFOLLOW);
}

int copy_open_target(const CopyRoot *root, const char *path, char **ret_name) {
        _cleanup_free_ char *parent = NULL, *name = NULL;
        int fd = open_in(root, path, O_PATH | O_DIRECTORY);

        if (fd >= 0) {
                *ret_name = NULL;
                return fd;
        }
        if ((fd != -ENOENT && fd != -ENOTDIR) || endswith(path, "/"))
                return fd;
        parent = path_dirname(path);
        name = strdup(path_basename(path));
        if (!parent || !name)
                return -ENOMEM;
        if (!file_name_is_valid(name))
                return -EINVAL;
        fd = open_in(root, parent, O_PATH | O_DIRECTORY);
        if (fd >= 0)
                *ret_name = TAKE_PTR(name);
        return fd;
}

/* A process of its own writes the archive, and its exit status is the error. */
static int start_writing(int source_fd, const char *name, int pipe_fds[2], pid_t *ret) {
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0) {
                fd_close(pipe_fds[0]);
                (void) signal(SIGPIPE, SIG_IGN);
                _exit(-tree_archive_write(source_fd, name, TREE_ARCHIVE_PLAIN, pipe_fds[1]) & 0xff);
        }
        *ret = pid;
        return 0;
}

static int wait_for_writing(pid_t pid) {
        siginfo_t how = {};

        while (waitid(P_PID, (id_t) pid, &how, WEXITED) < 0)
                if (errno != EINTR)
                        return -errno;
        return how.si_code == CLD_EXITED ? -how.si_status : -EIO;
}

int copy_run(int source_fd, const char *name, int target_fd, const TreeOwner *owner, bool *ret_source) {
        int pipe_fds[2], r, written;
        pid_t pid;

        *ret_source = false;
        if (pipe2(pipe_fds, O_CLOEXEC) < 0)
                return -errno;
        r = start_writing(source_fd, name, pipe_fds, &pid);
        fd_close(pipe_fds[1]);
        if (r < 0) {
                fd_close(pipe_fds[0]);
                return r;
        }
        r = tree_archive_read(pipe_fds[0], target_fd, owner);
        fd_close(pipe_fds[0]);
        written = wait_for_writing(pid);
        /* When nobody reads any more, the other side has the reason. */
        if (written == 0 || (written == -EPIPE && r < 0))
                return r;
        *ret_source = true;
        return written;
}
