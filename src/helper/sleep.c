/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStop= of a container with CheckpointOnStop=yes: writes a checkpoint, which ends it. What
 * cannot be written is no failure of the stop, which goes on as any other. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "health/health-file.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "host/notify.h"
#include "host/unit/unit.h"
#include "start/checkpoint/checkpoint-take.h"

/* To wait for somebody else who is taking a checkpoint. */
#define WAIT_USEC (UINT64_C(90) * 1000 * 1000)

/* systemd sets MAINPID only while there is a main process, and says what the stop is for: nobody
 * wants to have back what took too long or too much memory. */
static bool is_to_sleep(void) {
        const char *pid_text = getenv("MAINPID"), *result = getenv("SERVICE_RESULT");
        uint64_t pid;

        return pid_text && text_to_unsigned(pid_text, INT_MAX, &pid) == 0 && pid > 1 &&
               (!result || streq(result, "success"));
}

/* A restart is asked for to have it begin anew. */
static bool is_restarted(const Bundle *bundle) {
        _cleanup_free_ char *unit_name = bundle_unit_name(bundle), *job = NULL;

        return unit_name && unit_get_job(unit_name, &job, NULL) > 0 && strstr(job, "restart");
}

static bool is_unhealthy(const Bundle *bundle) {
        _cleanup_health_state_ HealthState state = {};

        return health_file_read(bundle, &state) >= 0 && state.status == HEALTH_UNHEALTHY;
}

/* Waits for whoever may be taking one. Returns 1 when that has been taken, 0, or -errno. */
static int sleeps_already(const Bundle *bundle) {
        _cleanup_close_ int lock_fd = -EBADF;

        (void) notify_extend_timeout(WAIT_USEC);
        lock_fd = checkpoint_lock(bundle->id);
        return lock_fd < 0 ? lock_fd : checkpoint_sleeps(bundle->id);
}

static int take(const Bundle *bundle) {
        CheckpointTaking taking = { .options = { .file_locks = true }, .in_stop = true, .stand_in = STAND_IN_INIT };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = sleeps_already(bundle);
        if (r == 0)
                r = checkpoint_take(bundle->stem, &taking, &diagnostics);
        log_diagnostics(&diagnostics);
        if (r >= 0)
                return 0;
        if (r != -EREPORTED)
                log_error_errno(r, "Failed to take a checkpoint of \"%s\": %m", bundle->stem);
        log_warning("\"%s\" is stopped without a checkpoint, and its next start begins anew", bundle->stem);
        return r;
}

int verb_sleep(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = refuse_by_hand(FILE_CONTAINER, instance);

        if (r < 0 || !is_to_sleep())
                return r;
        r = bundle_open(instance, &bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of \"%s\": %m", instance);
        if (is_restarted(&bundle))
                return 0;
        if (is_unhealthy(&bundle)) {
                log_warning("\"%s\" is not well: it is stopped without a checkpoint", bundle.stem);
                return 0;
        }
        return take(&bundle);
}
