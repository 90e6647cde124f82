/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/user/user-root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/process.h"
#include "basic/safe-path.h"
#include "basic/string-list.h"
#include "basic/text.h"
#include "host/idmap.h"
#include "host/sub-ids.h"
#include "source/places.h"

static bool entered; /* a process is in one user namespace */
static uid_t own_uid; /* when it has been entered: from before */
static gid_t own_gid;
static uint32_t id_count;

/* Appends what the file has for the name, after what is there. */
static int add_ranges(const char *file, const char *name, IdMap *map) {
        _cleanup_id_map_ IdMap found = {};
        uint32_t next = 0;
        int r;

        for (size_t i = 0; i < map->count; i++)
                next += map->items[i].count;
        r = sub_ids_read(file, name, &found);
        for (size_t i = 0; i < found.count && r == 0; i++) {
                r = id_map_add(map, (IdMapping) { next, found.items[i].outside, found.items[i].count });
                next += found.items[i].count;
        }
        return r == -ERANGE ? -EEXIST : r;
}

/* A line of either file begins with the user's name, or number. */
static int find_map(const char *file, const char *name, uint32_t own, IdMap *ret) {
        _cleanup_free_ char *number = text_format("%lu", (unsigned long) geteuid());
        _cleanup_id_map_ IdMap map = {};
        int r;

        if (!number)
                return -ENOMEM;
        r = id_map_add(&map, (IdMapping) { 0, own, 1 });
        if (r == 0 && name)
                r = add_ranges(file, name, &map);
        if (r == 0)
                r = add_ranges(file, number, &map);
        if (r < 0)
                return r;
        *ret = map;
        map = (IdMap) {};
        return 0;
}

static int find_maps(IdMap *ret_uids, IdMap *ret_gids) {
        const struct passwd *user = getpwuid(geteuid());
        int r = find_map(place_path(PLACE_SUB_UIDS), user ? user->pw_name : NULL, geteuid(), ret_uids);

        return r < 0 ? r : find_map(place_path(PLACE_SUB_GIDS), user ? user->pw_name : NULL, getegid(), ret_gids);
}

static uint32_t count_ids(const IdMap *map) {
        uint32_t count = 0;

        for (size_t i = 0; i < map->count; i++)
                count += map->items[i].count;
        return count;
}

static uint32_t count_common(const IdMap *uids, const IdMap *gids) {
        uint32_t uid_count = count_ids(uids), gid_count = count_ids(gids);

        return uid_count < gid_count ? uid_count : gid_count;
}

/* Starts newuidmap or newgidmap, which may map what the files give the user. */
static int start_program(const char *program, pid_t pid, const IdMap *map, pid_t *ret) {
        _cleanup_string_list_ StringList words = {};
        int r;

        r = string_list_add(&words, program);
        if (r == 0)
                r = string_list_addf(&words, "%d", (int) pid);
        for (size_t i = 0; i < map->count && r == 0; i++) {
                r = string_list_addf(&words, "%u", map->items[i].inside);
                if (r == 0)
                        r = string_list_addf(&words, "%u", map->items[i].outside);
                if (r == 0)
                        r = string_list_addf(&words, "%u", map->items[i].count);
        }
        if (r < 0)
                return r;
        r = process_spawn((const char *const *) words.items, NULL, 0, -EBADF, -EBADF, ret);
        return r == -ENOENT ? -ENOPKG : r;
}

/* Both at the same time: each waits for the kernel more than for the processor. */
static int map_by_programs(pid_t pid, const IdMap *uids, const IdMap *gids) {
        pid_t for_uids, for_gids;
        int r, s;

        r = start_program("newuidmap", pid, uids, &for_uids);
        if (r < 0)
                return r;
        s = start_program("newgidmap", pid, gids, &for_gids);
        r = process_wait(for_uids);
        if (s == 0)
                s = process_wait(for_gids);
        if (r < 0 || s < 0)
                return r < 0 ? r : s;
        return r > 0 || s > 0 ? -EPROTO : 0;
}

/* What the kernel lets anybody have: oneself, without other groups. */
static int map_alone(pid_t pid, const IdMap *uids, const IdMap *gids) {
        _cleanup_free_ char *path = text_format("/proc/%d", (int) pid);
        _cleanup_close_ int fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -EBADF;
        int r;

        if (fd < 0)
                return path ? -errno : -ENOMEM;
        r = write_virtual_file_at(fd, "setgroups", "deny");
        return r < 0 ? r : idmap_write_maps(pid, uids, gids);
}

static int enter(int namespace_fd) {
        own_uid = geteuid();
        own_gid = getegid();
        if (setns(namespace_fd, CLONE_NEWUSER) < 0)
                return -errno;
        entered = true;
        safe_path_enter_user_namespace(own_gid != own_uid);
        return 0;
}

int user_root_enter(void) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        _cleanup_close_ int fd = -EBADF;
        bool alone;
        int r;

        if (places_scope() != SCOPE_USER || entered)
                return 0;
        r = find_maps(&uids, &gids);
        if (r < 0)
                return r;
        alone = uids.count == 1 || gids.count == 1;
        if (alone) /* one of them is of no use without the other */
                uids.count = gids.count = 1;
        id_count = count_common(&uids, &gids);
        fd = idmap_open_namespace_by(alone ? map_alone : map_by_programs, &uids, &gids);
        r = fd < 0 ? fd : enter(fd);
        return r < 0 ? r : alone;
}

/* Each ID that this process's namespace has, as itself. Their number is the same from inside and
 * from outside; the file says of each line where it begins and how long it is. */
static int read_own_map(const char *path, IdMap *ret) {
        _cleanup_id_map_ IdMap map = {};
        _cleanup_free_ char *text = NULL;
        int r = read_virtual_file(path, &text);

        for (char *rest = text, *line; r >= 0 && (line = strsep(&rest, "\n")) && *line;) {
                uint32_t first, count;

                r = sscanf(line, "%u %*u %u", &first, &count) == 2
                                    ? id_map_add(&map, (IdMapping) { first, first, count })
                                    : -EBADMSG;
        }
        if (r < 0)
                return r;
        *ret = map;
        map = (IdMap) {};
        return 0;
}

static int read_own_maps(IdMap *ret_uids, IdMap *ret_gids) {
        int r = read_own_map("/proc/self/uid_map", ret_uids);

        if (r >= 0)
                r = read_own_map("/proc/self/gid_map", ret_gids);
        if (r >= 0)
                id_count = count_common(ret_uids, ret_gids);
        return r;
}

int user_root_join(int namespace_fd) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (places_scope() != SCOPE_USER || entered)
                return 0;
        fd = ioctl(namespace_fd, NS_GET_USERNS);
        r = fd < 0 ? -errno : enter(fd);
        return r < 0 ? r : read_own_maps(&uids, &gids);
}

int user_root_enter_below(int namespace_fd) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (places_scope() != SCOPE_USER || entered)
                return 0;
        r = user_root_join(namespace_fd);
        if (r >= 0)
                r = read_own_maps(&uids, &gids);
        if (r < 0)
                return r;
        fd = idmap_open_namespace(&uids, &gids);
        return fd < 0 ? fd : setns(fd, CLONE_NEWUSER) < 0 ? -errno : 0;
}

/* As other namespaces are numbered: by device and inode. */
static int is_same(int namespace_fd, int other_fd) {
        struct stat one, other;

        if (fstat(namespace_fd, &one) < 0 || fstat(other_fd, &other) < 0)
                return -errno;
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Returns 1 when there is one between this process's and the other's, with the outermost of these
 * that is below `above_fd`'s; else 0. The kernel nests 32 at most. */
static int find_outermost(int *fd, int above_fd) {
        _cleanup_close_ int own_fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
        int r = own_fd < 0 ? -errno : is_same(*fd, own_fd);

        if (r != 0)
                return r < 0 ? r : 0;
        for (;;) {
                _cleanup_close_ int parent_fd = ioctl(*fd, NS_GET_PARENT);

                if (parent_fd < 0)
                        return -errno;
                r = is_same(parent_fd, own_fd);
                if (r == 0 && above_fd >= 0)
                        r = is_same(parent_fd, above_fd);
                if (r != 0)
                        return r;
                fd_close(*fd);
                *fd = TAKE_FD(parent_fd);
        }
}

int user_root_join_process(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/user", (int) pid);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (places_scope() != SCOPE_USER || entered)
                return 0;
        if (!path)
                return -ENOMEM;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        r = find_outermost(&fd, -EBADF);
        return r <= 0 ? r : enter(fd);
}

int user_root_share(int process_fd, int above_fd) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        _cleanup_close_ int fd = -EBADF, owner_fd = -EBADF;
        int r;

        if (places_scope() != SCOPE_USER || entered)
                return 0;
        fd = openat(process_fd, "ns/user", O_RDONLY | O_CLOEXEC);
        owner_fd = fd >= 0 && above_fd >= 0 ? ioctl(above_fd, NS_GET_USERNS) : -EBADF;
        if (fd < 0 || (above_fd >= 0 && owner_fd < 0))
                return -errno;
        r = find_outermost(&fd, owner_fd);
        if (r > 0)
                r = enter(fd);
        return r < 0 ? r : read_own_maps(&uids, &gids);
}

void user_root_own_ids(uint32_t *ret_uid, uint32_t *ret_gid) {
        *ret_uid = entered ? own_uid : geteuid();
        *ret_gid = entered ? own_gid : getegid();
}

bool user_root_is_entered(void) {
        return entered;
}

int user_root_count_ids(uint32_t *ret) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        int r;

        if (places_scope() != SCOPE_USER || entered) {
                *ret = id_count;
                return 0;
        }
        r = find_maps(&uids, &gids);
        if (r < 0)
                return r;
        *ret = count_common(&uids, &gids);
        return 0;
}

const char *user_root_reason(int error) {
        switch (-error) {
        case ENOPKG:
                return "newuidmap and newgidmap are needed (Debian's package uidmap), and one is not installed";
        case EPROTO:
                return "newuidmap or newgidmap has failed; see what it said above, and whether NoNewPrivileges= or "
                       "another restriction of the service keeps it from its rights";
        case EPERM:
                return "this machine does not let users make user namespaces; see kernel.unprivileged_userns_clone and "
                       "kernel.apparmor_restrict_unprivileged_userns";
        case EACCES:
                return "the policy of a security module does not let this user make user namespaces; for SELinux see "
                       "SELINUX in berth.container(5)";
        case ENOSPC:
                return "this machine allows no more user namespaces, see user.max_user_namespaces";
        case EEXIST:
                return "the user's ranges of subordinate IDs overlap, see subuid(5) and subgid(5)";
        default:
                return NULL;
        }
}
