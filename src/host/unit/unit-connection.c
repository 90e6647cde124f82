/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/unit/unit-connection.h"

#include <errno.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/fd-store.h"
#include "host/unit/unit.h"
#include "source/unit-name.h"

/* systemd has one process that has it, which is root's, as the unit is. */
static int get_connection(pid_t pid) {
        _cleanup_close_ int pid_fd = pidfd_open(pid, 0), fd = -EBADF;
        struct stat st;

        if (pid_fd < 0)
                return -errno;
        fd = pidfd_getfd(pid_fd, PASSED_FDS_FIRST, 0);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        return S_ISSOCK(st.st_mode) ? TAKE_FD(fd) : -ENOTSOCK;
}

int unit_connection_take(const char *stem) {
        _cleanup_free_ char *escaped = stem_escape(stem),
                            *service = escaped ? text_format("%s.service", escaped) : NULL;
        _cleanup_close_ int fd = -EBADF;
        pid_t pid;
        int r;

        if (!service)
                return -ENOMEM;
        r = unit_get_starting_process(service, &pid);
        if (r <= 0)
                return r == -ENOENT ? 0 : r;
        fd = get_connection(pid);
        if (fd < 0)
                return fd;
        r = fd_store_put("connection", &fd, 1);
        return r < 0 ? r : 1;
}
