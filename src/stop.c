/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStop=: before systemd sends the stop signal, sees to it that it will be heard. A stop may come when the container's first process has not set up its
 * handlers yet; the kernel would throw the signal away, and the stop would take until TimeoutStopSec= kills. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include "basic/log.h"
#include "config/values.h"
#include "host/bundle.h"
#include "host/payload.h"
#include "verbs.h"

enum { LONGEST_WAIT_USEC = 1000 * 1000 };

/* systemd sets MAINPID only while there is a main process. */
static pid_t get_main_pid(void) {
        const char *text = getenv("MAINPID");
        uint64_t pid;

        return text && value_unsigned(text, INT_MAX, &pid) == 0 ? (pid_t) pid : 0;
}

int verb_stop(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        pid_t pid = get_main_pid();
        int signal = SIGTERM, r;

        if (pid <= 1)
                return 0;
        r = bundle_open(instance, &bundle);
        if (r >= 0)
                r = bundle_read_stop_signal(&bundle, &signal);
        if (r >= 0)
                r = payload_await_handler(pid, signal, LONGEST_WAIT_USEC);
        if (r == -ENOENT) /* nothing is prepared yet that could be stopped */
                return 0;
        return r < 0 ? log_error_errno(r, "Failed to look at the main process of \"%s\": %m", instance) : 0;
}
