/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of the service that systemd starts for a connection (Accept=yes in [Socket]): has the
 * container started, which takes the connection from this process (unit_connection_take()), and
 * hands its own unit over to the container's first process. So nothing of ours stays, and the unit
 * ends when that one does. */
#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/process.h"
#include "basic/text.h"
#include "helper/verbs.h"
#include "host/notify.h"
#include "host/unit/unit.h"

static int run_systemctl(const char *verb, const char *unit_name, int stderr_fd) {
        const char *const argv[] = { "systemctl", verb, "--", unit_name, NULL };
        char *const environment[] = { NULL }; /* it is not to speak for this unit */
        pid_t pid;
        int r = process_spawn(argv, environment, 0, -EBADF, stderr_fd, &pid);

        if (r >= 0)
                r = process_wait(pid);
        if (r < 0)
                return log_error_errno(r, "Failed to run systemctl: %m");
        return r > 0 ? -ECANCELED : 0; /* which it has said */
}

int verb_hand_over(const char *instance) {
        _cleanup_free_ char *unit_name = text_format("container@%s.service", instance);
        pid_t pid;
        int r;

        if (!unit_name)
                return log_oom();
        r = run_systemctl("start", unit_name, -EBADF);
        if (r < 0)
                return r;
        r = unit_get_main_process(unit_name, &pid, NULL);
        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd for the main process of %s: %m", unit_name);
        /* One that has ended already has been started all the same. */
        r = pid > 0 ? notify_main_process(pid, true, 0) : notify_send("READY=1", NULL, 0);
        return r < 0 ? log_error_errno(r, "Failed to tell systemd that %s was started: %m", unit_name) : 0;
}

int verb_hand_over_end(const char *instance) {
        _cleanup_free_ char *unit_name = text_format("container@%s.service", instance);
        _cleanup_close_ int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        int r;

        if (!unit_name)
                return log_oom();
        /* Restart= could go on with it. */
        r = run_systemctl("stop", unit_name, -EBADF);
        if (r < 0)
                return r;
        /* One that has not failed is gone, which would be said to be an error. */
        (void) run_systemctl("reset-failed", unit_name, null_fd);
        return 0;
}
