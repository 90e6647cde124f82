/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStop=: before systemd sends the stop signal, sees to it that it will be heard. A stop may
 * come when the container's first process has not set up its handlers yet; the kernel would throw
 * the signal away, and the stop would take until TimeoutStopSec= kills. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/privileges.h"
#include "basic/text.h"
#include "helper/verbs.h"
#include "host/bundle.h"
#include "host/payload.h"
#include "host/unit/unit.h"
#include "start/checkpoint/checkpoint-settle.h"
#include "start/powers.h"

enum {
        LONGEST_WAIT_USEC = 1000 * 1000,
        TIME_FOR_SYSTEMD_USEC = 200 * 1000, /* to see that the payload has been killed before its own time is up */
};

/* systemd sets MAINPID only while there is a main process. */
static pid_t get_main_pid(void) {
        const char *text = getenv("MAINPID");
        uint64_t pid;

        return text && text_to_unsigned(text, INT_MAX, &pid) == 0 ? (pid_t) pid : 0;
}

/* How long the container may take. The unit's time would otherwise be given to it twice, by us and
 * by systemd. */
static int get_limit(const StopSignal *signal, const char *instance, uint64_t *ret) {
        _cleanup_free_ char *unit_name = text_format("container@%s.service", instance);
        uint64_t timeout_usec;
        int r;

        if (!unit_name)
                return log_oom();
        r = unit_get_stop_timeout(unit_name, &timeout_usec);
        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd how long %s may take to stop: %m", unit_name);
        timeout_usec = timeout_usec > TIME_FOR_SYSTEMD_USEC ? timeout_usec - TIME_FOR_SYSTEMD_USEC : timeout_usec / 2;
        *ret = signal->limit_usec > 0 && signal->limit_usec < timeout_usec ? signal->limit_usec : timeout_usec;
        return 0;
}

/* Sends the signal, and does not end before the payload has: systemd would send it another one at
 * once. */
static int stop_by(const StopSignal *signal, pid_t pid, const char *instance) {
        uint64_t limit_usec;
        int r;

        r = get_limit(signal, instance, &limit_usec);
        if (r < 0)
                return r;
        r = payload_stop(pid, signal->number, limit_usec);
        if (r < 0)
                return log_error_errno(r, "Failed to stop the main process of \"%s\": %m", instance);
        if (r == 0)
                log_warning("The container did not stop in time when asked with signal %d%s, and was killed",
                            signal->number, signal->unknown_to_systemd ? " of its image" : "");
        return 0;
}

int verb_stop(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        pid_t pid = get_main_pid();
        StopSignal signal;
        int r;

        if (pid <= 1)
                return 0;
        r = bundle_open(instance, &bundle);
        if (r >= 0) {
                r = checkpoint_settle(&bundle, pid);
                if (r > 0)
                        return 0;
        }
        if (r >= 0)
                r = bundle_read_stop_signal(&bundle, &signal);
        /* A look, a question to systemd and a signal are all that there is to do. */
        if (r >= 0)
                r = privileges_keep(LAST_POWERS);
        if (r >= 0)
                r = payload_await_handler(pid, signal.number, LONGEST_WAIT_USEC);
        if (r == -ENOENT) /* nothing is prepared yet that could be stopped */
                return 0;
        if (r < 0)
                return log_error_errno(r, "Failed to look at the main process of \"%s\": %m", instance);
        return signal.unknown_to_systemd || signal.limit_usec > 0 ? stop_by(&signal, pid, instance) : 0;
}
