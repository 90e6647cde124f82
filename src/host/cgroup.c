/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unit's own part of the control group tree. */
#include "host/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"

bool cgroup_is_unified(void) {
        struct statfs sfs;
        return statfs(CGROUP_ROOT, &sfs) == 0 && (unsigned long) sfs.f_type == CGROUP2_SUPER_MAGIC;
}

static int get_own(char **ret) {
        _cleanup_free_ char *groups = NULL;
        int r = read_virtual_file("/proc/self/cgroup", &groups);

        if (r < 0)
                return r;
        for (char *rest = groups, *line; (line = strsep(&rest, "\n"));) {
                const char *path = startswith(line, "0::");

                if (path) {
                        *ret = strdup(path);
                        return *ret ? 0 : -ENOMEM;
                }
        }
        return -ENOENT;
}

bool cgroup_is_ours(const char *control_group) {
        _cleanup_free_ char *own = NULL;

        return get_own(&own) >= 0 && path_is_below(own, control_group);
}

bool cgroup_is_named(const char *name) {
        _cleanup_free_ char *own = NULL;

        return get_own(&own) >= 0 && streq(path_basename(own), name);
}

bool cgroup_has_v1(void) {
        _cleanup_free_ char *text = NULL;

        /* A line for each hierarchy: that of version 2 is the last. */
        return read_virtual_file("/proc/self/cgroup", &text) >= 0 && !startswith(text, "0::");
}

bool cgroup_is_of_unit(const char *unit_name) {
        _cleanup_free_ char *own = NULL;

        if (get_own(&own) < 0)
                return false;
        for (char *rest = own, *part; (part = strsep(&rest, "/"));)
                if (streq(part, unit_name))
                        return true;
        return false;
}

int cgroup_enter_supervisor(const char *control_group) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/supervisor", control_group);
        _cleanup_close_ int fd = -EBADF;

        if (!path)
                return -ENOMEM;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return -errno;
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return write_virtual_file_at(fd, "cgroup.procs", "0");
}

int cgroup_delegate(const char *control_group, uid_t uid, gid_t gid) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/container", control_group), *files = NULL;
        _cleanup_close_ int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        r = read_virtual_file("/sys/kernel/cgroup/delegate", &files);
        if (r < 0)
                return r;
        if (fchown(fd, uid, gid) < 0)
                return -errno;
        for (char *rest = files, *name; (name = strsep(&rest, "\n"));)
                if (*name && !strchr(name, '/') && fchownat(fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 &&
                    errno != ENOENT)
                        return -errno;
        return 0;
}

/* The group itself, or the nearest one above it that exists. */
static int find_group(const char *control_group, char **ret) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s", control_group);

        while (path && access(path, F_OK) < 0 && errno == ENOENT && path_is_below(path, CGROUP_ROOT)) {
                char *parent = path_dirname(path);

                free(path);
                path = parent;
        }
        if (!path)
                return -ENOMEM;
        *ret = TAKE_PTR(path);
        return 0;
}

int cgroup_list_limits(const char *control_group, StringList *ret) {
        static const char *const names[] = {
                "cpu.max", "cpu.weight", "memory.high", "memory.max", "memory.swap.max", "pids.max",
        };
        _cleanup_free_ char *group = NULL;
        int r;

        r = find_group(control_group, &group);
        for (size_t i = 0; i < ARRAY_SIZE(names) && r >= 0; i++) {
                _cleanup_free_ char *path = path_join(group, names[i]);

                if (!path)
                        return -ENOMEM;
                if (access(path, F_OK) >= 0)
                        r = string_list_add(ret, names[i]);
        }
        return r;
}

int cgroup_list_controllers(const char *control_group, StringList *ret) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/cgroup.controllers", control_group), *names = NULL;
        int r = path ? read_virtual_file(path, &names) : -ENOMEM;

        return r < 0 ? r : string_list_add_split(ret, names, strlen(names), " \n");
}

bool cgroup_is_reached(const char *control_group) {
        _cleanup_free_ char *own = NULL, *common = strdup(control_group), *file = NULL;

        if (get_own(&own) < 0)
                return false;
        while (common && !streq(common, "/") && !streq(common, own) && !path_is_below(own, common)) {
                char *parent = path_dirname(common);

                free(common);
                common = parent;
        }
        file = common ? text_format(CGROUP_ROOT "%s/cgroup.procs", common) : NULL;
        return file && faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) >= 0;
}

int cgroup_make_part(const char *control_group, const char *name) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/%s", control_group, name);
        int fd;

        if (!path)
                return -ENOMEM;
        if (mkdir(path, 0755) < 0)
                return -errno;
        fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int cgroup_remove_unused(const char *control_group) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s", control_group);

        if (!path)
                return -ENOMEM;
        if (rmdir(path) >= 0 || errno == ENOENT)
                return 1;
        return errno == EBUSY || errno == ENOTEMPTY ? 0 : -errno;
}

int cgroup_kill(int group_fd) {
        return group_fd < 0 ? -EBADF : write_virtual_file_at(group_fd, "cgroup.kill", "1");
}

int cgroup_remove_part(const char *control_group, const char *name) {
        enum { PAUSE_USEC = 2000, PATIENCE_USEC = 1000 * 1000 };
        const struct timespec pause = { .tv_nsec = PAUSE_USEC * 1000L };
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/%s", control_group, name);

        if (!path)
                return -ENOMEM;
        for (unsigned waited = 0;; waited += PAUSE_USEC) {
                _cleanup_close_ int fd = -EBADF;

                if (rmdir(path) >= 0 || errno == ENOENT)
                        return 0;
                if (errno != EBUSY || waited >= PATIENCE_USEC)
                        return -errno;
                fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                (void) cgroup_kill(fd);
                (void) nanosleep(&pause, NULL);
        }
}

void cgroup_end_supervisor(void) {
        _cleanup_free_ char *own = NULL;
        char *name = get_own(&own) >= 0 ? strrchr(own, '/') : NULL;

        if (!name || !streq(name, "/.control"))
                return;
        *name = '\0';
        (void) cgroup_remove_part(own, "supervisor");
}

/* Returns whether there were others. */
static bool kill_others(int group_fd) {
        _cleanup_free_ char *path = text_format("/proc/self/fd/%d/cgroup.procs", group_fd), *pids = NULL;
        bool others = false;

        if (!path || read_virtual_file(path, &pids) < 0)
                return false;
        for (char *rest = pids, *line; (line = strsep(&rest, "\n"));) {
                long pid = strtol(line, NULL, 10);

                if (pid > 1 && (pid_t) pid != getpid()) {
                        others = true;
                        (void) kill((pid_t) pid, SIGKILL);
                }
        }
        return others;
}

void cgroup_end_others(void) {
        enum { PAUSE_USEC = 2000, PATIENCE_USEC = 1000 * 1000 };
        const struct timespec pause = { .tv_nsec = PAUSE_USEC * 1000L };
        _cleanup_free_ char *own = NULL, *path = NULL;
        _cleanup_close_ int fd = -EBADF;

        if (get_own(&own) < 0 || !streq(path_basename(own), ".control"))
                return;
        path = text_format(CGROUP_ROOT "%s", own);
        fd = path ? open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -EBADF;
        for (unsigned waited = 0; fd >= 0 && waited < PATIENCE_USEC && kill_others(fd); waited += PAUSE_USEC)
                (void) nanosleep(&pause, NULL);
}

/* What has just ended may be counted still, and a runtime that has failed may leave a child behind
 * that is about to end. */
void cgroup_remove_empty_part(const char *control_group, const char *name) {
        enum { PAUSE_USEC = 2000, PATIENCE_USEC = 500 * 1000, FULL_PATIENCE_USEC = 50 * 1000 };
        const struct timespec pause = { .tv_nsec = PAUSE_USEC * 1000L };
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/%s", control_group, name),
                            *list = path ? path_join(path, "cgroup.procs") : NULL;

        for (unsigned waited = 0; list && waited < PATIENCE_USEC; waited += PAUSE_USEC) {
                _cleanup_free_ char *pids = NULL;

                if (rmdir(path) >= 0 || errno != EBUSY || read_virtual_file(list, &pids) < 0 ||
                    (*pids && waited >= FULL_PATIENCE_USEC))
                        return;
                (void) nanosleep(&pause, NULL);
        }
}

int cgroup_freeze(int group_fd, bool freeze) {
        return group_fd < 0 ? -EBADF : write_virtual_file_at(group_fd, "cgroup.freeze", freeze ? "1" : "0");
}

void cgroup_signal(int group_fd, int number) {
        _cleanup_free_ char *path = text_format("/proc/self/fd/%d/cgroup.procs", group_fd), *pids = NULL;

        if (group_fd < 0 || !path || read_virtual_file(path, &pids) < 0)
                return;
        for (char *rest = pids, *line; (line = strsep(&rest, "\n"));) {
                long pid = strtol(line, NULL, 10);

                /* 0 stands for one that this process cannot see. */
                if (pid > 1)
                        (void) kill((pid_t) pid, number);
        }
}
