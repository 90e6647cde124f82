/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart=: prepares, has the runtime create the container, hands its first process over to
 * systemd, and lets it go on. The order of steps is what makes an exit at once, and a stop at once,
 * come out right: the runtime has ended before systemd hears of the process, which is then PID 1's
 * own child, and systemd knows it, and that the unit is up, before it goes on. */
#include <errno.h>

#include "basic/log.h"
#include "helper/verbs.h"
#include "host/cgroup.h"
#include "host/effects.h"
#include "host/runtime.h"
#include "host/scope.h"
#include "host/unit.h"
#include "start/prepare.h"

static int log_runtime(int error, const Prepared *prepared, const char *what) {
        if (error == -EPROTO)
                log_error("%s failed to %s the container %s", prepared->runtime, what, prepared->bundle.stem);
        else
                log_error_errno(error, "Failed to run %s: %m", prepared->runtime);
        return error;
}

/* What is undone first has to be the scope: the runtime may be at work in there. */
static int record(const Prepared *prepared) {
        int r;

        r = effects_append(&prepared->bundle, EFFECT_RUNTIME, prepared->runtime, prepared->bundle.id);
        if (r >= 0 && prepared->scope)
                r = effects_append(&prepared->bundle, EFFECT_SCOPE, prepared->scope, NULL);
        return r < 0 ? log_error_errno(r, "Failed to write the effects of %s: %m", prepared->bundle.stem) : 0;
}

static int create(const Prepared *prepared, pid_t *ret_pid) {
        int r;

        r = record(prepared);
        if (r < 0)
                return r;
        r = prepared->scope ? scope_enter(prepared->scope, prepared->slice, prepared->unit_name) : 0;
        if (r < 0)
                return log_error_errno(r, "Failed to start %s: %m", prepared->scope);
        /* Without groups below it, the unit's own is where this process is, and the container will
         * be. */
        r = prepared->no_cgroup ? 0 : cgroup_enter_supervisor(prepared->control_group);
        if (r < 0)
                return log_error_errno(r, "Failed to enter the control group %s/supervisor: %m",
                                       prepared->control_group);
        r = runtime_create(prepared->runtime, &prepared->bundle, prepared->no_cgroup ? RUNTIME_NO_CGROUP : 0, ret_pid);
        if (r < 0)
                return log_runtime(r, prepared, "create");
        r = prepared->root_uid != 0 && !prepared->no_cgroup
                            ? cgroup_delegate(prepared->control_group, prepared->root_uid, prepared->root_gid)
                            : 0;
        return r < 0 ? log_error_errno(r, "Failed to delegate the control group %s/container: %m",
                                       prepared->control_group)
                     : 0;
}

static int create_and_hand_over(const char *instance, Prepared *prepared) {
        pid_t pid;
        int r;

        r = prepare(instance, prepared);
        if (r < 0)
                return r;
        r = create(prepared, &pid);
        if (r < 0)
                return r;
        r = unit_hand_over(pid, !prepared->oneshot);
        if (r < 0)
                return log_error_errno(r, "Failed to tell systemd the main process of %s: %m", prepared->bundle.stem);
        return 0;
}

int verb_run(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        int r;

        r = create_and_hand_over(instance, &prepared);
        if (r < 0)
                return r;
        r = runtime_start(prepared.runtime, prepared.bundle.id);
        if (r >= 0)
                return 0;
        /* It is the main process already, and would wait for its start for ever. */
        (void) runtime_delete(prepared.runtime, prepared.bundle.id);
        return log_runtime(r, &prepared, "start");
}

int verb_create(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        return create_and_hand_over(instance, &prepared);
}
