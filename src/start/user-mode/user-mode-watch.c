/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What waits for the end of a program that is a container's network. */
#include "start/user-mode/user-mode-watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/privileges.h"
#include "health/health-action.h"

enum { WATCHED_FD = STDERR_FILENO + 1 };

/* Whatever else is open here would stay so for as long as the container runs: the other ends of its
 * output, for one. */
static int keep_one(int pidfd) {
        if (pidfd != WATCHED_FD && dup2(pidfd, WATCHED_FD) < 0)
                return -errno;
        return syscall(SYS_close_range, WATCHED_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static void end_unit(const char *program, const char *unit_name) {
        int r = health_action_request(unit_name, HEALTH_ACTION_KILL);

        /* 0: the unit is being stopped, and the program with it. */
        if (r > 0)
                log_error("%s has ended, and with it the network of %s, which is killed", program, unit_name);
        else if (r < 0)
                log_error_errno(r, "%s has ended, and with it the network of %s; failed to kill that: %m", program,
                                unit_name);
}

int user_mode_watch(const char *program, const char *unit_name, int pidfd) {
        pid_t pid = fork();

        if (pid != 0)
                return pid < 0 ? -errno : 0;
        (void) prctl(PR_SET_NAME, "berth-network");
        /* It is root for systemd, and nobody for everything else. */
        if (keep_one(pidfd) < 0 || privileges_keep(0) < 0)
                _exit(EXIT_FAILURE);
        while (poll(&(struct pollfd) { .fd = WATCHED_FD, .events = POLLIN }, 1, -1) < 0 && errno == EINTR)
                ;
        end_unit(program, unit_name);
        _exit(EXIT_SUCCESS);
}
