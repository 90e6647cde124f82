/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Idmapped mounts. */
#include "host/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/process.h"
#include "basic/text.h"

static int write_map(int process_fd, const char *name, const IdMap *map) {
        _cleanup_free_ char *value = NULL;
        _cleanup_text_ Text text = {};
        int r;

        for (size_t i = 0; i < map->count; i++)
                text_appendf(&text, "%u %u %u\n", map->items[i].inside, map->items[i].outside, map->items[i].count);
        r = text_take(&text, &value);
        return r < 0 ? r : write_virtual_file_at(process_fd, name, value);
}

int idmap_write_maps(pid_t pid, const IdMap *uids, const IdMap *gids) {
        _cleanup_free_ char *directory = text_format("/proc/%d", (int) pid);
        _cleanup_close_ int process_fd = -EBADF;
        int r;

        if (!directory)
                return -ENOMEM;
        process_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (process_fd < 0)
                return -errno;
        r = write_map(process_fd, "uid_map", uids);
        return r < 0 ? r : write_map(process_fd, "gid_map", gids);
}

static int open_namespace(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/user", (int) pid);
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -ENOMEM;

        return path && fd < 0 ? -errno : fd;
}

int idmap_open_namespace(const IdMap *uids, const IdMap *gids) {
        return idmap_open_namespace_by(idmap_write_maps, uids, gids);
}

/* A process that has come to power by entering a user namespace is root's in /proc, and so would be
 * the file that the mappings of its child are written to. The user may look at all that is here
 * anyway. Returns what it was. */
static bool be_seen(bool seen) {
        bool before = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;

        if (before != seen)
                (void) prctl(PR_SET_DUMPABLE, seen, 0, 0, 0);
        return before;
}

static int hold(pid_t *ret) {
        bool before = be_seen(true);
        int r = process_hold(CLONE_NEWUSER, ret);

        (void) be_seen(before);
        return r;
}

int idmap_open_namespace_by(IdMapWriter write, const IdMap *uids, const IdMap *gids) {
        pid_t pid;
        int r;

        r = hold(&pid);
        if (r < 0)
                return r;
        r = write(pid, uids, gids);
        if (r == 0)
                r = open_namespace(pid);
        process_release(pid);
        return r;
}

int idmap_clone(int path_fd, int namespace_fd, bool recursive) {
        unsigned recurse = recursive ? AT_RECURSIVE : 0;
        /* A slave: what is mounted on a copy of a shared mount, such as the next layer, would else
         * be mounted on the machine as well. */
        struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP,
                                         .propagation = MS_SLAVE,
                                         .userns_fd = (unsigned) namespace_fd };
        _cleanup_close_ int fd = open_tree(path_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recurse);

        if (fd < 0)
                return -errno;
        if (mount_setattr(fd, "", AT_EMPTY_PATH | recurse, &attributes, sizeof(attributes)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int idmap_mount(int path_fd, int namespace_fd, bool recursive, const char *target) {
        _cleanup_close_ int fd = idmap_clone(path_fd, namespace_fd, recursive);

        if (fd < 0)
                return fd;
        if (move_mount(fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
                return -errno;
        return TAKE_FD(fd);
}

const char *idmap_reason(int error) {
        switch (-error) {
        case EINVAL:
                return "its file system cannot be idmapped";
        case EPERM:
                return "it is idmapped already, or its file system belongs to another user namespace";
        case ENOSYS:
                return "this kernel has no idmapped mounts";
        case ENOSPC:
                return "this machine allows no more user namespaces, see user.max_user_namespaces";
        default:
                return NULL;
        }
}
