/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart=: takes what was prepared, has the runtime create the container, hands its first
 * process over to systemd, and lets it go on. The order of steps is what makes an exit at once, and
 * a stop at once, come out right: the runtime has ended before systemd hears of the process, which
 * is then PID 1's own child, and systemd knows it, and that the unit is up, before it goes on. Then
 * this process waits, mostly for a millisecond or two, until a stop signal would be heard. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/privileges.h"
#include "health/health-timer.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "host/cgroup.h"
#include "host/effects.h"
#include "host/log/pipe-label.h"
#include "host/mounts.h"
#include "host/notify.h"
#include "host/payload-guard.h"
#include "host/payload.h"
#include "host/runtime.h"
#include "host/scope.h"
#include "host/unit/unit.h"
#include "source/places.h"
#include "start/bundle-config.h"
#include "start/checkpoint/checkpoint-wake.h"
#include "start/foreground/foreground-take.h"
#include "start/networking.h"
#include "start/null-device.h"
#include "start/passed-sockets.h"
#include "start/payload-output.h"
#include "start/powers.h"
#include "start/prepare/prepare.h"

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

/* The runtime's part: a first process that waits for its start, or all that were there at a
 * checkpoint. */
static int make_processes(const Prepared *prepared, const RuntimePassed *to_payload, pid_t *ret_pid) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        if (!prepared->wakes) {
                r = runtime_create(prepared->runtime, &prepared->bundle, prepared->no_cgroup ? RUNTIME_NO_CGROUP : 0,
                                   to_payload, ret_pid);
                return r < 0 ? log_runtime(r, prepared, "create") : 0;
        }
        r = checkpoint_wake(prepared->runtime, &prepared->bundle, to_payload, &diagnostics, ret_pid);
        log_diagnostics(&diagnostics);
        return r < 0 && r != -EREPORTED ? log_runtime(r, prepared, "restore") : r;
}

/* It runs, and a second life of it must not begin. */
static void forget_checkpoint(const Prepared *prepared) {
        const char *id = prepared->bundle.id;
        int r = prepared->wakes ? checkpoint_wake_end(id) : prepared->anew ? checkpoint_forget(id) : 0;

        if (r < 0)
                log_warning_errno(r, "Failed to remove the checkpoint of %s, which is past: %m",
                                  prepared->bundle.stem);
}

/* Where the payload's output goes: to the journal, or to the berth run that waits for it. */
typedef struct Output {
        LogPipes pipes;
        ForegroundStreams foreground;
} Output;

#define OUTPUT_INIT { LOG_PIPES_INIT, FOREGROUND_STREAMS_INIT }

static void output_done(Output *output) {
        log_pipes_done(&output->pipes);
        foreground_streams_done(&output->foreground);
}

/* Without a label the policy may let the container write nothing. */
static void label_output(const Prepared *prepared, const Output *output) {
        int r = 0;

        for (size_t i = 0; i < _LOG_STREAM_COUNT && r == 0; i++)
                if (output->pipes.fds[i] >= 0)
                        r = pipe_label_give(&prepared->bundle, output->pipes.fds[i]);
        for (size_t i = 0; i < _FOREGROUND_STREAM_COUNT && r == 0; i++)
                if (output->foreground.fds[i] >= 0)
                        r = pipe_label_give(&prepared->bundle, output->foreground.fds[i]);
        if (r < 0)
                log_warning_errno(r,
                                  "The output of %s cannot be labelled for it, and may be lost: %m; SELinux's policy "
                                  "needs berth's module, see SELINUX in berth.container(5)",
                                  prepared->bundle.stem);
}

static int open_output(const Prepared *prepared, Output *output) {
        int r;

        r = foreground_take(&prepared->bundle, prepared->root_uid, prepared->root_gid, &output->foreground);
        if (r == 0)
                payload_output_open(prepared, &output->pipes);
        label_output(prepared, output);
        /* Where the runtime, and with it the payload, has it from. */
        if (r > 0 && dup2(output->foreground.fds[FOREGROUND_STDIN], STDIN_FILENO) < 0)
                r = -errno;
        if (r > 0 && *output->foreground.offer.console)
                r = bundle_config_set_terminal(&prepared->bundle);
        return r < 0 ? log_error_errno(r, "Failed to give %s the streams of the command that waits for it: %m",
                                       prepared->bundle.stem)
                     : 0;
}

static int create(const Prepared *prepared, const PassedFds *passed, const Output *output, pid_t *ret_pid) {
        const ForegroundStreams *foreground = &output->foreground;
        _cleanup_user_mode_begun_ UserModeBegun network = USER_MODE_BEGUN_INIT;
        bool waited_for = foreground->connection_fd >= 0;
        const RuntimePassed to_payload = {
                .sockets = passed->socket_count,
                .stdout_fd = waited_for ? foreground->fds[FOREGROUND_STDOUT] : output->pipes.fds[LOG_STDOUT],
                .stderr_fd = waited_for ? foreground->fds[FOREGROUND_STDERR] : output->pipes.fds[LOG_STDERR],
                .console = waited_for && *foreground->offer.console ? foreground->offer.console : NULL,
        };
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
        /* Both at the same time. One that wakes up may fail to, and begin anew. */
        r = prepared->wakes ? 0 : networking_begin(&prepared->bundle, &network);
        if (r < 0)
                return log_error_errno(r, "Failed to start the network of %s: %m", prepared->bundle.stem);
        r = make_processes(prepared, &to_payload, ret_pid);
        if (r < 0)
                return r;
        r = networking_finish(&prepared->bundle, prepared->unit_name, *ret_pid, &network, &output->pipes);
        if (r < 0)
                return log_error_errno(r, "Failed to make the network interfaces of %s: %m", prepared->bundle.stem);
        r = prepared->root_uid != 0 && !prepared->no_cgroup
                            ? cgroup_delegate(prepared->control_group, prepared->root_uid, prepared->root_gid)
                            : 0;
        return r < 0 ? log_error_errno(r, "Failed to delegate the control group %s/container: %m",
                                       prepared->control_group)
                     : 0;
}

/* What an earlier command of this start has prepared, else it is done now. */
static int get_prepared(const char *instance, PassedFds *passed, bool anew, Prepared *prepared) {
        int r = anew ? 0 : prepared_take(instance, passed, prepared);

        if (r < 0)
                return log_error_errno(r, "Failed to take what was prepared for %s: %m", instance);
        if (r == 0) {
                fd_store_drop(passed);
                r = prepare(instance, false, anew, prepared);
        }
        if (r < 0)
                return r;
        r = null_device_use(&prepared->bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to give %s a null device of its own: %m", instance);
        passed_sockets_label(&prepared->bundle, passed);
        if (passed->socket_count > 0)
                r = bundle_config_add_sockets(&prepared->bundle, &passed->names, passed->socket_count);
        /* systemd tells only this command of the unit. */
        if (r >= 0 && prepared->notifies && getenv("WATCHDOG_USEC"))
                r = bundle_config_set_variable(&prepared->bundle, "WATCHDOG_USEC", getenv("WATCHDOG_USEC"));
        return r < 0 ? log_error_errno(r, "Failed to tell %s of its sockets and watchdog: %m", instance) : 0;
}

/* Not waited for: it begins when the unit is up. */
static void start_health_timer(const Prepared *prepared) {
        int r = health_timer_start(prepared->bundle.stem, prepared->health_timer_msec * UINT64_C(1000));

        if (r < 0)
                log_warning_errno(r, "Failed to start the timer of the health check of %s: %m", prepared->bundle.stem);
}

/* It waits for its start, so that the number is its. */
static void tell(const Output *output, pid_t pid) {
        _cleanup_close_ int pidfd = output->foreground.connection_fd < 0 ? -EBADF : pidfd_open(pid, 0);

        foreground_tell(&output->foreground, pidfd);
}

static int make(const char *instance, PassedFds *passed, bool anew, Prepared *prepared, Output *output,
                pid_t *ret_pid) {
        int r;

        r = get_prepared(instance, passed, anew, prepared);
        if (r >= 0)
                r = open_output(prepared, output);
        return r < 0 ? r : create(prepared, passed, output, ret_pid);
}

/* What a stop has written is no reason for a start to fail. Until the new life is there, the old
 * one is not forgotten: the fault may be another one, which that has, too. */
static int make_or_begin_anew(const char *instance, PassedFds *passed, Prepared *prepared, Output *output,
                              pid_t *ret_pid) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        bool or_fresh = bundle_open(instance, &bundle) >= 0 && checkpoint_is_or_fresh(bundle.id),
             given_up = checkpoint_is_given_up(&bundle);
        _cleanup_close_ int mounts_fd = or_fresh ? open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC) : -EBADF;
        int r;

        bundle_done(&bundle);
        if (!or_fresh || !given_up) {
                r = make(instance, passed, false, prepared, output, ret_pid);
                if (r >= 0 || !or_fresh)
                        return r;
                log_warning("\"%s\" cannot go on from its checkpoint, and begins anew", instance);
        }
        output_done(output);
        *output = (Output) OUTPUT_INIT;
        prepared_done(prepared);
        *prepared = (Prepared) PREPARED_INIT;
        r = mounts_fd < 0 ? -EBADF : mounts_go_back(mounts_fd);
        if (r < 0)
                return log_error_errno(r, "Failed to go back to the mounts of the unit of %s: %m", instance);
        return make(instance, passed, true, prepared, output, ret_pid);
}

static int create_container(const char *instance, Prepared *prepared, pid_t *ret_pid) {
        _cleanup_passed_fds_ PassedFds passed = {};
        _cleanup_(output_done) Output output = OUTPUT_INIT;
        int r;

        r = privileges_limit(RUN_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities: %m");
        r = fd_store_receive(&passed);
        if (r < 0)
                return log_error_errno(r, "Failed to take the descriptors that systemd has passed: %m");
        r = make_or_begin_anew(instance, &passed, prepared, &output, ret_pid);
        if (r < 0)
                return r;
        payload_output_set_main(&output.pipes, *ret_pid);
        tell(&output, *ret_pid);
        return 0;
}

/* How long systemd itself waits for a start that may never come, as this process and its guard
 * were killed at once: its watchdog is set until then, or 0. While the payload is to say that it
 * is ready its time to start counts. A user's manager would not hear that the start has come:
 * nobody but root can speak in the name of the main process. */
static uint64_t watch_usec(const Prepared *prepared, bool hooks) {
        enum { LONGEST_START_SEC = 30, LONGEST_HOOKS_SEC = 3600 };

        if (prepared->notifies || prepared->wakes || places_scope() != SCOPE_SYSTEM)
                return 0;
        return UINT64_C(1000) * 1000 * (hooks ? LONGEST_HOOKS_SEC : LONGEST_START_SEC);
}

static int hand_over(const Prepared *prepared, pid_t pid, uint64_t watch) {
        /* One that wakes up has said long ago that it is ready. */
        int r = notify_main_process(pid, !prepared->oneshot && (!prepared->notifies || prepared->wakes), watch);

        if (r < 0)
                return log_error_errno(r, "Failed to tell systemd the main process of %s: %m", prepared->bundle.stem);
        if (prepared->health_timer_msec > 0)
                start_health_timer(prepared);
        forget_checkpoint(prepared);
        return 0;
}

/* The first process of a PID namespace does not get a signal that it has no handler for, and one
 * that has just been started has none yet. When it has, or sleeps without one, any later stop will
 * be heard; one that has begun meanwhile may not have been, and is said again. */
static void see_to_stop_signal(const Prepared *prepared, pid_t pid, int pidfd) {
        enum { LONGEST_WAIT_USEC = 1000 * 1000 };
        StopSignal signal;
        int number, r;

        r = bundle_read_stop_signal(&prepared->bundle, &signal);
        /* From here on a look and a signal are all that is left to do. */
        if (r >= 0)
                r = privileges_keep(LAST_POWERS);
        if (r >= 0)
                r = payload_await_handler(pid, signal.number, LONGEST_WAIT_USEC);
        /* One that has ended already needs no signal, and systemd would have to kill this
         * process. */
        if (r >= 0 && poll(&(struct pollfd) { .fd = pidfd, .events = POLLIN }, 1, 0) > 0)
                return;
        if (r >= 0)
                r = unit_get_stop_signal(prepared->unit_name, &number);
        if (r > 0)
                r = pidfd_send_signal(pidfd, number, NULL, 0) < 0 && errno != ESRCH ? -errno : 0;
        if (r < 0)
                log_warning_errno(r, "Failed to see whether %s is being stopped already: %m", prepared->bundle.stem);
}

/* Lets it go on, of which systemd has heard by then. */
static int start(const Prepared *prepared, bool hooks) {
        int r;

        /* That one has been started long ago. */
        if (prepared->wakes)
                return 0;
        r = runtime_start(prepared->runtime, prepared->bundle.id, hooks);
        if (r >= 0)
                return 0;
        /* It is the main process already, and would wait for its start for ever. */
        (void) runtime_delete(prepared->runtime, prepared->bundle.id);
        return log_runtime(r, prepared, "start");
}

static int run(const Prepared *prepared, pid_t pid) {
        /* It waits for its start, so that it is the one. */
        _cleanup_close_ int pidfd = pidfd_open(pid, 0), guard = pidfd < 0 ? -errno : payload_guard(pidfd);
        uint64_t watch;
        int r, hooks;

        if (guard < 0)
                return log_error_errno(guard, "Failed to watch over the first process of %s: %m",
                                       prepared->bundle.stem);
        hooks = bundle_config_has_poststart(&prepared->bundle);
        if (hooks < 0)
                return log_error_errno(hooks, "Failed to look for hooks of %s: %m", prepared->bundle.stem);
        watch = watch_usec(prepared, hooks > 0);
        r = hand_over(prepared, pid, watch);
        if (r < 0)
                log_hindrances(prepared->bundle.stem);
        if (r >= 0)
                r = start(prepared, hooks > 0);
        if (r < 0)
                return r;
        /* One that has ended already needs no watch. */
        r = watch > 0 ? notify_watch_end(pid) : 0;
        if (r < 0 && r != -ESRCH)
                return log_error_errno(r, "Failed to tell systemd that %s has been started: %m", prepared->bundle.stem);
        payload_guard_release(guard);
        see_to_stop_signal(prepared, pid, pidfd);
        return 0;
}

int verb_run(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        pid_t pid;
        int r = create_container(instance, &prepared, &pid);

        if (r < 0) {
                log_hindrances(instance);
                return r;
        }
        return run(&prepared, pid);
}

/* Here nothing needs to be watched over: the unit is up only when ExecStartPost= has started it. */
int verb_create(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        pid_t pid;
        int r = create_container(instance, &prepared, &pid);

        if (r >= 0)
                r = hand_over(&prepared, pid, 0);
        if (r < 0)
                log_hindrances(instance);
        return r;
}
