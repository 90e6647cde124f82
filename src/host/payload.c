/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's first process, seen from outside; the files are described in proc_pid_stat(5) and
 * proc_pid_status(5). */
#include "host/payload.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"

#define FORKED_WITHOUT_EXEC 0x40 /* PF_FORKNOEXEC of the kernel: still the runtime's code */

static int read_process_file(pid_t pid, const char *name, char **ret) {
        _cleanup_free_ char *path = text_format("/proc/%d/%s", (int) pid, name);

        return path ? read_virtual_file(path, ret) : -ENOMEM;
}

/* By its number in the innermost of its namespaces. Returns 1 or 0, or -errno. */
static int is_first(const char *status) {
        const char *ids = strstr(status, "\nNSpid:"), *innermost;

        if (!ids)
                return -EBADMSG;
        ids += strlen("\nNSpid:");
        innermost = memrchr(ids, '\t', strcspn(ids, "\n"));
        return innermost && strtoul(innermost, NULL, 10) == 1;
}

int payload_is_first(pid_t pid) {
        _cleanup_free_ char *status = NULL;
        int r = read_process_file(pid, "status", &status);

        return r < 0 ? r : is_first(status);
}

/* Whether it catches the signal, or is not the first process of a namespace, which alone needs a
 * handler. Returns 1 or 0, or -errno. */
static int signal_gets_through(pid_t pid, int signal) {
        _cleanup_free_ char *status = NULL;
        const char *caught;
        int r = read_process_file(pid, "status", &status), first;

        if (r < 0)
                return r;
        caught = strstr(status, "\nSigCgt:");
        first = is_first(status);
        if (!caught || first < 0)
                return -EBADMSG;
        return strtoull(caught + strlen("\nSigCgt:"), NULL, 16) >> (signal - 1) & 1 || first == 0;
}

/* Whether it runs its own program and sleeps. Returns 1 or 0, or -errno. */
static int has_settled(pid_t pid) {
        _cleanup_free_ char *stat = NULL;
        const char *name_end;
        unsigned flags;
        char state;
        int r = read_process_file(pid, "stat", &stat);

        if (r < 0)
                return r;
        name_end = strrchr(stat, ')'); /* a name may have anything in it */
        if (!name_end || sscanf(name_end, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
                return -EBADMSG;
        return !(flags & FORKED_WITHOUT_EXEC) && strchr("STtZX", state) != NULL;
}

int payload_await_handler(pid_t pid, int signal, uint64_t timeout_usec) {
        enum { PAUSE_USEC = 1000 };
        const struct timespec pause = { .tv_nsec = PAUSE_USEC * 1000L };

        for (uint64_t waited = 0; waited < timeout_usec; waited += PAUSE_USEC) {
                /* Asked first: one that gets its handler and then sleeps must not be seen in
                 * between. */
                int settled = has_settled(pid), r = settled < 0 ? settled : signal_gets_through(pid, signal);

                if (r == -ENOENT || r == -ESRCH)
                        return 0;
                if (r < 0)
                        return r;
                if (r > 0 || settled > 0)
                        return 0;
                (void) nanosleep(&pause, NULL);
        }
        return 0;
}

int payload_stop(pid_t pid, int signal, uint64_t timeout_usec) {
        _cleanup_close_ int fd = (int) syscall(SYS_pidfd_open, pid, 0);
        int milliseconds = timeout_usec / 1000 > INT_MAX ? -1 : (int) (timeout_usec / 1000), r;
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

        if (fd < 0)
                return errno == ESRCH ? 1 : -errno;
        if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0)
                return errno == ESRCH ? 1 : -errno;
        do
                r = poll(&poll_fd, 1, milliseconds);
        while (r < 0 && errno == EINTR);
        if (r != 0)
                return r < 0 ? -errno : 1;
        return syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH ? -errno : 0;
}
