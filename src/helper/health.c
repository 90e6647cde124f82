/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of container-health@.service: runs the container's health check once, writes down what
 * has come out, and does what the file wants done. A startup check is run until it has passed.
 * ExecStartPost= of a container with Notify=healthy: runs it until it has succeeded. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/text.h"
#include "health/health-action.h"
#include "health/health-file.h"
#include "health/health-journal.h"
#include "health/health-run.h"
#include "helper/verbs.h"
#include "host/effects.h"
#include "host/notify.h"
#include "host/unit/unit.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "start/bundle-config.h"
#include "start/user/user-reach.h"

#define PROCESS_FILE "health-process.json"
#define STARTUP_PROCESS_FILE "health-startup-process.json"
#define GROUP_FILE "health-group" /* the container's own control group */

typedef struct Health {
        Bundle bundle;
        HealthCheck check;
        HealthState state;
        char *runtime, *unit_name;
} Health;

static void health_done(Health *health) {
        bundle_done(&health->bundle);
        health_check_done(&health->check);
        health_state_done(&health->state);
        free(health->runtime);
        free(health->unit_name);
}
#define _cleanup_health_ _cleanup_(health_done)

static int open_health(const char *instance, Health *health) {
        int r;

        r = bundle_open(instance, &health->bundle);
        if (r >= 0)
                r = health_check_read(&health->bundle, &health->check);
        if (r == -ENOENT)
                return log_error_errno(r, "\"%s\" does not run, or has no HealthCmd=", instance);
        if (r < 0)
                return log_error_errno(r, "Failed to read the health check of \"%s\": %m", instance);
        r = effects_get_runtime(&health->bundle, &health->runtime);
        if (r < 0)
                return log_error_errno(r, "Failed to find the runtime that created \"%s\": %m", instance);
        health->unit_name = text_format("container@%s.service", instance);
        if (!health->unit_name)
                return log_oom();
        r = health_file_read(&health->bundle, &health->state);
        if (r < 0) /* only what was found before is lost by that */
                log_warning_errno(r, "Failed to read the health of \"%s\", and begin anew: %m", instance);
        return 0;
}

/* The first check of a container describes the process for all: config.json is long, and does not
 * change while it runs. */
static int describe_process(const Health *health, bool startup, const char *file, char **ret_control_group) {
        const Bundle *bundle = &health->bundle;
        const HealthCheck *check = &health->check;
        _cleanup_free_ char *group = NULL;
        int r;

        if (faccessat(bundle->fd, file, F_OK, 0) == 0) {
                r = read_file_at(bundle->fd, GROUP_FILE, PATH_MAX, ret_control_group, NULL);
                if (r != -ENOENT)
                        return r;
        }
        r = bundle_config_write_process(bundle, startup ? &check->startup_command : &check->command, file, &group);
        if (r >= 0)
                r = write_file_atomic_at(bundle->fd, GROUP_FILE, group, strlen(group), 0600);
        if (r < 0)
                return r;
        *ret_control_group = TAKE_PTR(group);
        return 0;
}

/* Of a user's container, its user namespace is where the runtime has to be run. `pid` is its first
 * process, 0 when that has to be asked for. Returns 0, 1 when the container has ended, or -errno
 * after a message. */
static int enter_namespace(const Health *health, pid_t pid) {
        int r = 0;

        if (places_scope() == SCOPE_SYSTEM)
                return 0;
        if (pid == 0)
                r = unit_get_main_process(health->unit_name, &pid, NULL);
        if (r >= 0)
                r = pid > 1 ? user_root_join_process(pid) : -ESRCH;
        if (r >= 0)
                r = user_reach_make_again(&health->bundle, health->runtime);
        if (r == -ESRCH)
                return 1;
        return r < 0 ? log_error_errno(r, "Failed to enter the user namespace of %s: %m", health->bundle.stem) : 0;
}

static int run_check(const Health *health, bool startup, HealthResult *ret) {
        const HealthCheck *check = &health->check;
        const char *file = startup ? STARTUP_PROCESS_FILE : PROCESS_FILE;
        _cleanup_free_ char *control_group = NULL, *path = path_join(health->bundle.path, file);
        int r;

        if (!path)
                return -ENOMEM;
        r = describe_process(health, startup, file, &control_group);
        if (r < 0)
                return r;
        return health_run(&(HealthRun) { .runtime = health->runtime,
                                         .bundle = &health->bundle,
                                         .process = path,
                                         .control_group = control_group,
                                         .timeout_usec = startup ? check->startup_timeout_usec : check->timeout_usec,
                                         .output_max = check->log_size },
                          ret);
}

static void say(const Health *health, const char *message) {
        int r = message ? health_journal_send(health->bundle.stem, health->unit_name, health->state.status, message)
                        : -ENOMEM;

        if (r < 0)
                log_warning_errno(r, "Failed to tell the journal of the health of %s: %m", health->bundle.stem);
}

static void tell_result(const Health *health, const HealthResult *result) {
        _cleanup_free_ char *message = text_format("Health check of %s: exit status %d%s%s", health->bundle.stem,
                                                   result->exit_code, *result->output ? "\n" : "", result->output);

        say(health, message);
}

static void tell_change(const Health *health, int exit_code) {
        _cleanup_free_ char *message = NULL;

        if (health->state.status == HEALTH_UNHEALTHY)
                message = text_format("Container %s is unhealthy: checks in a row that have failed: %" PRIu64
                                      ", exit status of the last: %d%s",
                                      health->bundle.stem, health->state.failing_streak, exit_code,
                                      exit_code < 0 ? ", its time was over" : "");
        else
                message = text_format("Container %s is %s", health->bundle.stem,
                                      health_status_name(health->state.status));
        say(health, message);
}

static int act(const Health *health, HealthAction action) {
        static const char *const done[] = {
                [HEALTH_ACTION_KILL] = "is killed",
                [HEALTH_ACTION_RESTART] = "is restarted",
                [HEALTH_ACTION_STOP] = "is stopped",
        };
        _cleanup_free_ char *message = NULL;
        int r;

        if (action == HEALTH_ACTION_NONE)
                return 0;
        /* Before: then this process may be killed at once. */
        message = text_format("Container %s %s, as its %s fails", health->bundle.stem, done[action],
                              health_state_in_startup(&health->state, &health->check) ? "startup check"
                                                                                      : "health check");
        say(health, message);
        r = health_action_request(health->unit_name, action);
        return r < 0 ? log_error_errno(r, "Failed to have systemd end %s: %m", health->unit_name) : 1;
}

static void log_to_directory(const Health *health) {
        int r = health_file_log(health->check.log_directory, health->bundle.stem, &health->state);

        if (r < 0)
                log_warning_errno(r, "Failed to write the results of the health check of %s to %s: %m",
                                  health->bundle.stem, health->check.log_directory);
}

/* Returns 1 when the container has ended, 0 with what is to be done, or -errno after a message. */
static int check_once(Health *health, HealthAction *ret_action) {
        _cleanup_health_result_ HealthResult result = {};
        bool startup = health_state_in_startup(&health->state, &health->check);
        HealthVerdict verdict;
        int r, exit_code;

        r = run_check(health, startup, &result);
        if (r == -ENOENT) /* the container has ended, and its bundle is gone */
                return 1;
        if (r < 0)
                return log_error_errno(r, "Failed to run the health check of %s: %m", health->bundle.stem);
        exit_code = result.exit_code;
        verdict = health_state_count(&health->state, &health->check, exit_code == 0,
                                     health_clock() - health->check.started_usec);
        if (health->check.to_journal)
                tell_result(health, &result);
        r = health_state_keep(&health->state, &result, health->check.log_count);
        if (r >= 0)
                r = health_file_write(&health->bundle, &health->state);
        if (r == -ENOENT) /* the container has ended meanwhile, and its check has failed with it */
                return 1;
        if (r < 0)
                return log_error_errno(r, "Failed to write down the health of %s: %m", health->bundle.stem);
        if (health->check.log_directory)
                log_to_directory(health);
        if (verdict.changed)
                tell_change(health, exit_code);
        *ret_action = verdict.action;
        return 0;
}

static void wait_for(uint64_t usec) {
        struct timespec left = { .tv_sec = (time_t) (usec / (1000 * 1000)),
                                 .tv_nsec = (long) (usec % (1000 * 1000)) * 1000 };

        while (nanosleep(&left, &left) < 0 && errno == EINTR)
                ;
}

int verb_health(const char *instance) {
        _cleanup_health_ Health health = { .bundle = BUNDLE_INIT };
        HealthAction action;
        bool startup;
        int r;

        r = open_health(instance, &health);
        if (r < 0)
                return r;
        r = enter_namespace(&health, 0);
        if (r < 0)
                return r;
        if (r > 0)
                return 0;
        do {
                startup = health_state_in_startup(&health.state, &health.check);
                r = check_once(&health, &action);
                if (r == 0)
                        r = act(&health, action);
                if (r == 0 && health_state_in_startup(&health.state, &health.check))
                        wait_for(health.check.startup_interval_usec);
        } while (r == 0 && startup);
        return r < 0 ? r : 0;
}

/* systemd says which process it is, while there is one; else returns -EBADF. */
static int open_main_process(pid_t *ret) {
        const char *text = getenv("MAINPID");
        uint64_t pid;
        int fd;

        if (!text || text_to_unsigned(text, INT_MAX, &pid) < 0)
                return -EBADF;
        fd = pidfd_open((pid_t) pid, 0);
        if (fd < 0)
                return -EBADF;
        *ret = (pid_t) pid;
        return fd;
}

/* One that is no more has ended. */
static int ends_within(int pid_fd, uint64_t usec) {
        struct pollfd end = { .fd = pid_fd, .events = POLLIN };
        int r;

        if (pid_fd < 0)
                return 1;
        do
                r = poll(&end, 1, usec / 1000 >= INT_MAX ? INT_MAX : (int) (usec / 1000));
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : r;
}

/* systemd signals the container first, and what comes of that may be seen here before this process
 * is signalled: that is no failure. */
static bool is_being_stopped(const char *unit_name) {
        int number, r = unit_get_stop_signal(unit_name, &number);

        if (r < 0)
                log_warning_errno(r, "Failed to ask whether %s is being stopped: %m", unit_name);
        return r > 0;
}

/* Returns 0. */
static int say_ended(const Health *health) {
        if (!is_being_stopped(health->unit_name))
                log_error("Container %s has ended before it was healthy", health->bundle.stem);
        return 0;
}

/* Runs the check until it has succeeded. Returns 1, 0 when the container is not well or has ended,
 * after a message unless it is being stopped, or -errno. */
static int await_healthy(Health *health, int pid_fd) {
        for (;;) {
                bool startup = health_state_in_startup(&health->state, &health->check);
                HealthAction action;
                uint64_t pause;
                int r;

                r = check_once(health, &action);
                if (r == 0 && health->state.status == HEALTH_HEALTHY)
                        return 1;
                if (r == 0 && (action != HEALTH_ACTION_NONE || health->state.status == HEALTH_UNHEALTHY)) {
                        if (!is_being_stopped(health->unit_name))
                                log_error("Container %s cannot be started: its %s check fails", health->bundle.stem,
                                          startup ? "startup" : "health");
                        return 0;
                }
                pause = health_state_in_startup(&health->state, &health->check) ? health->check.startup_interval_usec
                        : startup                                               ? 0
                                                                                : health->check.interval_usec;
                if (r == 0)
                        r = ends_within(pid_fd, pause);
                if (r != 0)
                        return r < 0 ? r : say_ended(health);
        }
}

/* systemd sends its stop signal to this process as well, and that is no failure. */
static void end(int signal) {
        (void) signal;
        _exit(EXIT_SUCCESS);
}

static void end_with_stop(const Health *health) {
        StopSignal stop;

        (void) signal(SIGTERM, end);
        if (bundle_read_stop_signal(&health->bundle, &stop) >= 0 && stop.number != SIGKILL && stop.number != SIGSTOP)
                (void) signal(stop.number, end);
}

/* What is to be done about a failure is not done here: the unit's start fails, and Restart= says
 * what comes of that. */
int verb_await_healthy(const char *instance) {
        _cleanup_health_ Health health = { .bundle = BUNDLE_INIT };
        pid_t pid = 0;
        _cleanup_close_ int pid_fd = open_main_process(&pid);
        int r;

        (void) signal(SIGTERM, end);
        r = open_health(instance, &health);
        if (r < 0)
                return r;
        end_with_stop(&health);
        (void) notify_status("Waiting for the first success of the health check");
        r = enter_namespace(&health, pid);
        if (r > 0)
                r = say_ended(&health);
        else if (r == 0)
                r = await_healthy(&health, pid_fd);
        (void) notify_status("");
        return r > 0 || is_being_stopped(health.unit_name) ? 0 : r < 0 ? r : -ESRCH;
}
