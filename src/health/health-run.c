/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes of a check are in a control group of their own below the container's: there its
 * limits are theirs, and all of them can be killed, whatever they have forked. The container may be
 * able to move its processes in and out of there; what leaves ends with the container, and what
 * comes is killed with the check: nobody else's processes can be in there. */
#include "health/health-run.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "basic/process.h"
#include "basic/text.h"
#include "host/cgroup.h"
#include "host/log/pipe-label.h"
#include "host/runtime.h"

#define GROUP "berth-health"

enum {
        KILLING_MSEC = 50,             /* how often what is to end is killed: a process may just be on its way in */
        GIVE_UP_USEC = 5 * 1000 * 1000, /* after that the runtime is killed, too */
        READ_SIZE = 4096,
        LAST_READS = 32, /* more than a pipe holds */
};

typedef struct Running {
        pid_t pid;
        int pid_fd, output_fd, group_fd;
        size_t output_max;
        Text output;
        bool timed_out;
} Running;

static void running_done(Running *running) {
        fd_close(running->pid_fd);
        fd_close(running->output_fd);
        fd_close(running->group_fd);
        text_done(&running->output);
}
#define _cleanup_running_ _cleanup_(running_done)

uint64_t health_clock(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000 * 1000 + (uint64_t) now.tv_nsec / 1000;
}

/* Returns whether there may be more at once. */
static bool read_some(Running *running) {
        char buffer[READ_SIZE];
        ssize_t n = read(running->output_fd, buffer, sizeof(buffer));
        size_t room = running->output_max - running->output.length;

        if (n > 0)
                text_append_n(&running->output, buffer, (size_t) n < room ? (size_t) n : room);
        else if (n == 0)
                running->output_fd = fd_close(running->output_fd);
        return n > 0;
}

static int start(const HealthRun *run, Running *running) {
        _cleanup_close_ int write_fd = -EBADF;
        int r;

        /* A new one each time: the kernel kills at once what crun makes in a group that has been
         * killed before, as it compares how often with the group that crun itself is in. */
        r = cgroup_remove_part(run->control_group, GROUP);
        if (r < 0)
                return r;
        running->group_fd = cgroup_make_part(run->control_group, GROUP);
        if (running->group_fd < 0)
                return running->group_fd;
        r = pipe_open(&running->output_fd, &write_fd);
        if (r < 0)
                return r;
        if (fcntl(running->output_fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        /* A policy that does not let it has been complained of by the start. */
        (void) pipe_label_give(run->bundle, write_fd);
        r = runtime_spawn_exec(run->runtime, run->bundle->id, "/" GROUP, run->process, write_fd, &running->pid);
        if (r < 0)
                return r;
        running->pid_fd = pidfd_open(running->pid, 0);
        return running->pid_fd < 0 ? -errno : 0;
}

/* Kills what has not ended in time; the runtime ends with what it waits for. */
static void end_it(Running *running, uint64_t over_usec) {
        running->timed_out = true;
        (void) cgroup_kill(running->group_fd);
        if (over_usec >= GIVE_UP_USEC)
                (void) pidfd_send_signal(running->pid_fd, SIGKILL, NULL, 0);
}

static int until_the_end(Running *running, uint64_t timeout_usec) {
        uint64_t begin = health_clock();

        for (;;) {
                struct pollfd fds[] = { { .fd = running->pid_fd, .events = POLLIN },
                                        { .fd = running->output_fd, .events = POLLIN } };
                uint64_t past = health_clock() - begin, left = past < timeout_usec ? timeout_usec - past : 0;
                int msec = left / 1000 >= INT_MAX ? INT_MAX : (int) ((left + 999) / 1000);

                if (left == 0) {
                        end_it(running, past - timeout_usec);
                        msec = KILLING_MSEC;
                }
                if (poll(fds, ARRAY_SIZE(fds), msec) < 0 && errno != EINTR)
                        return -errno;
                if (fds[0].revents)
                        return 0;
                if (fds[1].revents)
                        (void) read_some(running);
        }
}

static int take_output(Running *running, char **ret) {
        _cleanup_text_ Text text = {};

        for (unsigned i = 0; i < LAST_READS && running->output_fd >= 0 && read_some(running); i++)
                ;
        /* They are any bytes, and shall be JSON, lines of the journal and of a terminal. */
        text_append_visible_lines(&text, running->output.data ?: "", running->output.length);
        if (running->timed_out)
                text_appendf(&text, "%sThe check did not end in time, and was killed\n",
                             text.length > 0 && text.data[text.length - 1] != '\n' ? "\n" : "");
        text.failed |= running->output.failed;
        return text_take(&text, ret);
}

int health_run(const HealthRun *run, HealthResult *ret) {
        _cleanup_running_ Running running = {
                .pid_fd = -EBADF,
                .output_fd = -EBADF,
                .group_fd = -EBADF,
                .output_max = run->output_max,
        };
        _cleanup_health_result_ HealthResult result = { .start = text_of_now() };
        int r, status;

        r = start(run, &running);
        if (r >= 0)
                r = until_the_end(&running, run->timeout_usec);
        /* What it has left behind, or all of it after a failure. */
        (void) cgroup_remove_part(run->control_group, GROUP);
        if (r < 0)
                return r;
        status = process_wait(running.pid);
        if (status < 0)
                return status;
        result.end = text_of_now();
        result.exit_code = running.timed_out ? -1 : status;
        r = take_output(&running, &result.output);
        if (r < 0 || !result.start || !result.end)
                return -ENOMEM;
        *ret = result;
        result = (HealthResult) {};
        return 0;
}
