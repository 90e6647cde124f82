/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Without a terminal of its own the command gets pipes, and this process passes on what comes.
 * What the caller has there is nothing that a container is to have: a terminal can be read and
 * changed by whoever has it, a file cut off, or opened anew for more. */
#include "start/exec/exec-run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "basic/byte-stream.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/process.h"
#include "host/cgroup.h"
#include "host/log/pipe-label.h"
#include "host/runtime.h"
#include "start/exec/exec-leftovers.h"
#include "start/exec/exec-terminal.h"

enum { LOG_MAX = 64 * 1024, NAMES_MOST = 1000 };

/* What is in the bundle while it runs, each with the number of this process. */
typedef struct Files {
        const Bundle *bundle;
        char *process, *log, *pid; /* names in the bundle */
        char *group;               /* the name of the control group, or NULL */
        int group_fd;
} Files;

static void files_done(Files *files) {
        const char *const names[] = { files->process, files->log, files->pid };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (names[i])
                        (void) unlinkat(files->bundle->fd, names[i], 0);
        free(files->process);
        free(files->log);
        free(files->pid);
        free(files->group);
        fd_close(files->group_fd);
}
#define _cleanup_files_ _cleanup_(files_done)

static int make_group(const ExecRun *run, Files *files) {
        int r = -EEXIST;

        /* Groups of those that were killed, or left something behind, may have the number. */
        for (unsigned i = 0; r == -EEXIST && i < NAMES_MOST; i++) {
                free(files->group);
                files->group = text_format(EXEC_GROUP_PREFIX "%d-%u", (int) getpid(), i);
                r = files->group ? cgroup_make_part(run->control_group, files->group) : -ENOMEM;
        }
        if (r < 0)
                return r;
        files->group_fd = r;
        return 0;
}

static int make_files(const ExecRun *run, Files *files) {
        _cleanup_free_ char *text = NULL;
        int r;

        files->process = text_format(EXEC_FILE_PREFIX "%d.json", (int) getpid());
        files->log = text_format(EXEC_FILE_PREFIX "%d.log", (int) getpid());
        files->pid = text_format(EXEC_FILE_PREFIX "%d.pid", (int) getpid());
        if (!files->process || !files->log || !files->pid)
                return -ENOMEM;
        (void) unlinkat(files->bundle->fd, files->log, 0);
        (void) unlinkat(files->bundle->fd, files->pid, 0);
        r = json_to_text(run->process, &text);
        if (r >= 0)
                r = write_file_atomic_at(files->bundle->fd, files->process, text, strlen(text), 0600);
        return r < 0 || !run->control_group ? r : make_group(run, files);
}

typedef struct Streams {
        ByteStream in, out, err;
        int theirs[STDERR_FILENO + 1]; /* the other ends, until they are given away */
} Streams;

#define STREAMS_INIT { BYTE_STREAM_INIT, BYTE_STREAM_INIT, BYTE_STREAM_INIT, { -EBADF, -EBADF, -EBADF } }

static void streams_close_theirs(Streams *streams) {
        for (size_t i = 0; i < ARRAY_SIZE(streams->theirs); i++)
                streams->theirs[i] = fd_close(streams->theirs[i]);
}

static void streams_done(Streams *streams) {
        streams_close_theirs(streams);
        byte_stream_done(&streams->in);
        byte_stream_done(&streams->out);
        byte_stream_done(&streams->err);
}

/* What has a terminal, or nobody who waits for it, has no pipes. */
static int make_streams(const ExecRun *run, Streams *streams) {
        int r;

        if (run->terminal || run->detach)
                return 0;
        r = byte_stream_open_output(&streams->out, STDOUT_FILENO, &streams->theirs[STDOUT_FILENO]);
        if (r >= 0)
                r = byte_stream_open_output(&streams->err, STDERR_FILENO, &streams->theirs[STDERR_FILENO]);
        if (r >= 0 && run->interactive)
                r = byte_stream_open_input(&streams->in, STDIN_FILENO, &streams->theirs[STDIN_FILENO]);
        /* A policy that does not let it has been complained of by the start. */
        for (size_t i = 0; i < ARRAY_SIZE(streams->theirs) && r >= 0; i++)
                if (streams->theirs[i] >= 0)
                        (void) pipe_label_give(run->bundle, streams->theirs[i]);
        return r;
}

static int start(const ExecRun *run, const Files *files, const Streams *streams, pid_t *ret) {
        const char *directory = run->bundle->path;
        _cleanup_free_ char *process = path_join(directory, files->process), *log = path_join(directory, files->log),
                            *pid_file = path_join(directory, files->pid),
                            *group = files->group ? text_format("/%s", files->group) : NULL;
        const RuntimeExec how = {
                .process = process,
                .log = log,
                .pid_file = pid_file,
                .group = group,
                .stdout_fd = streams->theirs[STDOUT_FILENO],
                .stderr_fd = streams->theirs[STDERR_FILENO],
                .inherit_stdin = run->interactive || run->terminal,
                .detach = run->detach,
                /* With a terminal the runtime reads what is typed, and must not be in the
                 * background. Without one the command would be in the session of whoever has
                 * called, and could type something into the terminal there. */
                .own_session = !run->terminal,
        };

        if (!process || !log || !pid_file || (files->group && !group))
                return -ENOMEM;
        return runtime_spawn_session(run->runtime, run->bundle->id, &how, ret);
}

/* For as long as it is started, its standard input is this process's. */
static int start_with_input(const ExecRun *run, const Files *files, Streams *streams, pid_t *ret) {
        _cleanup_close_ int own = -EBADF;
        int r;

        if (streams->theirs[STDIN_FILENO] >= 0) {
                own = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
                if (own < 0 || dup2(streams->theirs[STDIN_FILENO], STDIN_FILENO) < 0)
                        return -errno;
        }
        r = start(run, files, streams, ret);
        if (own >= 0 && dup2(own, STDIN_FILENO) < 0 && r >= 0)
                r = -errno;
        streams_close_theirs(streams);
        return r;
}

/* The command itself; 0 as long as it has not begun. */
static pid_t get_pid(const Files *files) {
        _cleanup_free_ char *text = NULL;
        long pid;

        if (read_file_at(files->bundle->fd, files->pid, 32, &text, NULL) < 0)
                return 0;
        pid = strtol(text, NULL, 10);
        return pid > 1 ? (pid_t) pid : 0;
}

/* Ctrl-Z without a terminal in the container: all of it sleeps with this process. */
static void stop_with_it(const Files *files) {
        (void) cgroup_freeze(files->group_fd, true);
        (void) raise(SIGSTOP);
        (void) cgroup_freeze(files->group_fd, false);
}

static void pass_signal(const Files *files, pid_t runtime, int number, bool terminal) {
        pid_t pid = get_pid(files);

        if (number == SIGTSTP && files->group_fd >= 0)
                stop_with_it(files);
        else if (number == SIGWINCH && terminal && pid > 0)
                exec_terminal_resize(pid); /* not every runtime does it for a further process */
        else if (number == SIGWINCH)
                return;
        else if (pid == 0)
                (void) kill(runtime, number); /* it has not got as far */
        else if (files->group_fd >= 0)
                cgroup_signal(files->group_fd, number);
        else
                (void) kill(pid, number);
}

/* What comes with the runtime's end comes before it. */
static int wait_for_end(const Files *files, pid_t runtime, const sigset_t *signals, ExecTerminal *terminal,
                        Streams *streams) {
        _cleanup_close_ int end_fd = pidfd_open(runtime, 0), signal_fd = signalfd(-1, signals, SFD_CLOEXEC);

        /* Without it, all is as well unless this process is killed. */
        if (terminal->kept && end_fd >= 0)
                (void) exec_terminal_guard(terminal, end_fd);
        while (end_fd >= 0 && signal_fd >= 0) {
                struct pollfd fds[] = {
                        { .fd = end_fd, .events = POLLIN },     { .fd = signal_fd, .events = POLLIN },
                        byte_stream_poll(&streams->in),         byte_stream_poll(&streams->out),
                        byte_stream_poll(&streams->err),
                };
                struct signalfd_siginfo information;

                if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
                        break;
                if (fds[1].revents && read(signal_fd, &information, sizeof(information)) == sizeof(information))
                        pass_signal(files, runtime, (int) information.ssi_signo, terminal->kept);
                if (fds[2].revents)
                        byte_stream_step(&streams->in, NULL);
                if (fds[3].revents)
                        byte_stream_step(&streams->out, NULL);
                if (fds[4].revents)
                        byte_stream_step(&streams->err, NULL);
                if (fds[0].revents)
                        break;
        }
        byte_stream_drain(&streams->out, signal_fd, NULL);
        byte_stream_drain(&streams->err, signal_fd, NULL);
        return process_wait(runtime);
}

static int status_of_line(const char *line) {
        /* What has not been in the way. */
        if (strstr(line, "level=warning"))
                return EXEC_NOT_DONE;
        if (strstr(line, "no such file") || strstr(line, "not found"))
                return strstr(line, "exec") && !strstr(line, "chdir") && !strstr(line, "cwd") ? EXEC_NOT_FOUND
                                                                                              : EXEC_NOT_DONE;
        return strstr(line, "permission denied") || strstr(line, "not executable") ||
                               strstr(line, "is a directory") || strstr(line, "exec format")
                       ? EXEC_CANNOT_RUN
                       : EXEC_NOT_DONE;
}

int exec_status_of(char *words) {
        int status = EXEC_NOT_DONE;

        for (char *p = words; *p; p++)
                *p = *p >= 'A' && *p <= 'Z' ? (char) (*p - 'A' + 'a') : *p;
        for (char *line = words, *end; line && status == EXEC_NOT_DONE; line = end) {
                end = strchr(line, '\n');
                if (end)
                        *end++ = '\0';
                status = status_of_line(line);
        }
        return status;
}

/* The runtime has said why on standard error, unless there was none; in its log are the same
 * words. */
static int why_not(const ExecRun *run, const Files *files) {
        _cleanup_free_ char *log = NULL;

        if (read_file_at(files->bundle->fd, files->log, LOG_MAX, &log, NULL) < 0)
                return EXEC_NOT_DONE;
        if (run->detach)
                (void) write_all(STDERR_FILENO, log, strlen(log));
        return exec_status_of(log);
}

static void block_signals(sigset_t *ret_signals, sigset_t *ret_before) {
        static const int passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH };

        sigemptyset(ret_signals);
        for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
                sigaddset(ret_signals, passed[i]);
        (void) sigprocmask(SIG_BLOCK, ret_signals, ret_before);
        /* Where nobody reads any more is known by the error. */
        (void) signal(SIGPIPE, SIG_IGN);
}

static int run_in(const ExecRun *run, Files *files) {
        _cleanup_exec_terminal_ ExecTerminal terminal = EXEC_TERMINAL_INIT;
        _cleanup_(streams_done) Streams streams = STREAMS_INIT;
        sigset_t signals, before;
        pid_t runtime;
        int r;

        r = make_files(run, files);
        if (r >= 0)
                r = make_streams(run, &streams);
        if (r >= 0 && run->terminal)
                r = exec_terminal_keep(&terminal);
        if (r < 0)
                return r;
        block_signals(&signals, &before);
        r = start_with_input(run, files, &streams, &runtime);
        if (r >= 0)
                r = wait_for_end(files, runtime, &signals, &terminal, &streams);
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        if (r >= 0 && streams.out.error < 0 && streams.out.error != -EPIPE)
                return streams.out.error;
        if (r <= 0 || faccessat(files->bundle->fd, files->pid, F_OK, 0) >= 0)
                return r;
        return why_not(run, files);
}

int exec_run(const ExecRun *run) {
        _cleanup_files_ Files files = { .bundle = run->bundle, .group_fd = -EBADF };
        int r;

        exec_remove_leftovers(run->bundle, run->control_group);
        r = run_in(run, &files);

        /* What the command has left in the background stays, and ends with the container. */
        if (files.group)
                cgroup_remove_empty_part(run->control_group, files.group);
        return r;
}
