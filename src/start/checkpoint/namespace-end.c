/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An end of a container's processes that is no failure of its unit. */
#include "start/checkpoint/namespace-end.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"

/* "NSpid:  1234  1" */
static bool is_first(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d/status", (int) pid), *status = NULL;
        const char *line, *end, *last;

        if (!path || read_virtual_file(path, &status) < 0)
                return false;
        line = strstr(status, "\nNSpid:");
        end = line ? strchr(line + 1, '\n') : NULL;
        if (!end)
                return false;
        for (last = end; last > line && last[-1] >= '0' && last[-1] <= '9';)
                last--;
        return end - last == 1 && *last == '1' && strchr(line, '\t') < last - 1;
}

static bool is_ours(int namespace_fd) {
        struct stat ours, theirs;

        return stat("/proc/self/ns/pid", &ours) < 0 || fstat(namespace_fd, &theirs) < 0 ||
               (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino);
}

/* Of this process's own namespace it would be the machine that is powered off: a process whose
 * parent is in another one has none. */
static _Noreturn void power_off(int namespace_fd) {
        pid_t pid;

        if (setns(namespace_fd, CLONE_NEWPID) < 0)
                _exit(EXIT_FAILURE);
        pid = fork();
        if (pid == 0 && getppid() == 0)
                (void) reboot(RB_POWER_OFF);
        if (pid == 0)
                _exit(EXIT_FAILURE);
        /* It is killed with the others. */
        while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        _exit(EXIT_SUCCESS);
}

static int open_namespace(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/pid", (int) pid);
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

        if (!path)
                return -ENOMEM;
        return fd < 0 ? -errno : fd;
}

int namespace_end(pid_t pid) {
        enum { TIMEOUT_MSEC = 10 * 1000 };
        _cleanup_close_ int pidfd = pidfd_open(pid, 0), namespace_fd = -EBADF;
        pid_t child;
        int r;

        if (pidfd < 0)
                return -errno;
        namespace_fd = open_namespace(pid);
        if (namespace_fd < 0)
                return namespace_fd;
        if (is_ours(namespace_fd) || !is_first(pid))
                return -EOPNOTSUPP;
        child = fork();
        if (child < 0)
                return -errno;
        if (child == 0)
                power_off(namespace_fd);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
        do
                r = poll(&(struct pollfd) { .fd = pidfd, .events = POLLIN }, 1, TIMEOUT_MSEC);
        while (r < 0 && errno == EINTR);
        if (r == 0)
                return -ETIMEDOUT;
        return r < 0 ? -errno : 0;
}
