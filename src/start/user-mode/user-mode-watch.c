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
#include "host/unit/unit.h"

enum { WATCHED_FD = STDERR_FILENO + 1 };

/* Whatever else is open here would stay so for as long as the container runs: the other ends of its
 * output, for one. */
static int keep_one(int pidfd) {
        if (pidfd != WATCHED_FD && dup2(pidfd, WATCHED_FD) < 0)
                return -errno;
        return syscall(SYS_close_range, WATCHED_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static void end_unit(const char *program, const char *unit_name) {
        _cleanup_free_ char *job = NULL;
        int r = unit_get_job(unit_name, &job, NULL);

        /* The unit is being stopped, and the program with it. */
        if (r > 0)
                return;
        /* First, for this process is the unit's as well, and ends with the main one. */
        log_error("%s has ended, and with it the network of %s, which is killed", program, unit_name);
        r = health_action_request(unit_name, HEALTH_ACTION_KILL);
        if (r < 0)
                log_error_errno(r, "Failed to kill %s, which has no network any more: %m", unit_name);
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
