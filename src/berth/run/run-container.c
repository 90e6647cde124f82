/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth run: a container from the command line, by a file that is made of it. */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "basic/process.h"
#include "berth/berth-verbs.h"
#include "berth/command/output.h"
#include "berth/run/run-description.h"
#include "berth/run/run-options.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/exec/exec-run.h"
#include "start/foreground/foreground-run.h"
#include "start/foreground/run-file.h"

enum { SAID_MAX = 1024 * 1024, WORDS_TRIES = 20, WORDS_USEC = 100 * 1000 };

static const char *value_of(const Call *call, const char *option) {
        return call->values[run_option_find(option)];
}

/* Before the start */

/* The last word of an image's name, or of a path: "nginx" of docker.io/library/nginx:1.27. */
static char *base_of(const char *image) {
        const char *base = path_basename(image);

        return strndup(base, strcspn(base, ":@"));
}

/* In the foreground, where it can be seen, and stopped. What pull units do is then done already. */
static int pull(const Call *call, const char *image) {
        const char *policy = value_of(call, "pull") ?: "missing";
        _cleanup_free_ char *option = text_format("--policy=%s", policy);
        const char *const argv[] = { "/proc/self/exe", places_scope() == SCOPE_USER ? "--user" : "--system", "pull",
                                     option, "--", image, NULL };
        int r;
        pid_t pid;

        if (call->values[RUN_ROOTFS] || streq(policy, "never"))
                return 0;
        if (!option)
                return log_oom();
        r = process_spawn(argv, NULL, 0, STDERR_FILENO, -EBADF, &pid);
        if (r >= 0)
                r = process_wait(pid);
        if (r < 0)
                return log_error_errno(r, "Failed to run berth pull: %m");
        return r > 0 ? -EREPORTED : 0;
}

static int systemctl(const char *word, const char *argument, int stderr_fd) {
        const char *argv[6];
        size_t n = 0;
        pid_t pid;
        int r;

        argv[n++] = "systemctl";
        if (places_scope() == SCOPE_USER)
                argv[n++] = "--user";
        argv[n++] = word;
        if (argument) {
                argv[n++] = "--";
                argv[n++] = argument;
        }
        argv[n] = NULL;
        r = process_spawn(argv, NULL, 0, -EBADF, stderr_fd, &pid);
        if (r >= 0)
                r = process_wait(pid);
        return r < 0 ? log_error_errno(r, "Failed to run systemctl: %m") : r;
}

/* Of what was not started nothing is to be in the way of the next try. */
static void forget(const RunFile *file, const char *unit_name) {
        _cleanup_close_ int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

        run_file_remove(file);
        (void) systemctl("reset-failed", unit_name, null_fd);
}

/* Running it */

/* What the unit and its pull have said since then. Caller frees; NULL when it is not known. */
static char *said_since(const char *unit_name, time_t since) {
        _cleanup_free_ char *unit = text_format("%s=%s", places_scope() == SCOPE_USER ? "--user-unit" : "--unit",
                                                unit_name);
        _cleanup_free_ char *time = text_format("--since=@%lld", (long long) since);
        const char *const argv[] = { "journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=20", unit, time,
                                     NULL };
        char *text = NULL;

        if (!unit || !time || process_capture(argv, NULL, SAID_MAX, &text, NULL) != 0)
                return NULL;
        return text;
}

/* Which status the runtime's words in the journal mean. Returns 0 when it was not the runtime's
 * fault. */
static int status_by_journal(const char *said) {
        _cleanup_free_ char *words = strstr(said, "failed to create the container") ? strdup(said) : NULL;

        return words ? exec_status_of(words) : 0;
}

static void show(const char *said) {
        _cleanup_text_ Text visible = {};

        text_append_visible_lines(&visible, said, strlen(said));
        if (!visible.failed && visible.length > 0)
                (void) write_all(STDERR_FILENO, visible.data, visible.length);
}

/* The runtime's words are in the journal when nobody took them, but by way of the relay: they may
 * come after what systemd says, and are waited for a while. */
static int not_started(const RunFile *file, const char *unit_name, time_t since, int status) {
        _cleanup_free_ char *said = NULL;

        for (int i = 0; status == EXEC_NOT_DONE && i < WORDS_TRIES; i++) {
                int found;

                free(said);
                said = said_since(unit_name, since);
                found = said ? status_by_journal(said) : 0;
                if (found == 0)
                        break;
                status = found;
                if (status == EXEC_NOT_DONE)
                        (void) usleep(WORDS_USEC);
        }
        if (said)
                show(said);
        log_error("The container %s was not started; berth logs %s shows what else there is to be said", file->stem,
                  file->stem);
        return status;
}

static int run_detached(const RunFile *file, const char *unit_name) {
        time_t since = time(NULL);
        int r = systemctl("start", unit_name, -EBADF);

        if (r != 0) {
                forget(file, unit_name);
                return not_started(file, unit_name, since, EXEC_NOT_DONE);
        }
        output_line(file->stem);
        return 0;
}

static int run_in_foreground(const Call *call, const RunFile *file, const char *unit_name) {
        const ForegroundRun run = {
                .stem = file->stem,
                .unit_name = unit_name,
                .terminal = call->values[RUN_TTY],
                .interactive = call->values[RUN_INTERACTIVE],
        };
        time_t since = time(NULL);
        bool started = false;
        int status, error = 0;

        status = foreground_run(&run, &started, &error);
        if (status < 0)
                log_error_errno(status, "Failed to start %s: %m", unit_name);
        else if (!started)
                status = not_started(file, unit_name, since, status);
        if (error < 0)
                log_error_errno(error, "Failed to write to standard output: %m");
        if (!started)
                forget(file, unit_name);
        return status < 0 || (status == 0 && error < 0) ? EXEC_NOT_DONE : status;
}

static int start(const Call *call, const RunFile *file) {
        _cleanup_free_ char *unit_name = NULL;
        int r = unit_name_for(FILE_CONTAINER, file->stem, &unit_name);

        if (r < 0)
                log_error_errno(r, "Failed to name the unit of %s: %m", file->stem);
        else
                r = systemctl("daemon-reload", NULL, -EBADF);
        if (r != 0) {
                run_file_remove(file);
                return EXEC_NOT_DONE;
        }
        return call->values[RUN_DETACH] ? run_detached(file, unit_name) : run_in_foreground(call, file, unit_name);
}

static int make_file(const Call *call, const char *image, const Text *text, RunFile *ret) {
        const char *wanted = value_of(call, "name");
        _cleanup_free_ char *base = base_of(image), *stem = NULL, *path = NULL;
        _cleanup_close_ int lock_fd = -EBADF;
        bool once = call->values[RUN_RM];
        int r;

        if (!base)
                return log_oom();
        r = run_files_sweep(false, NULL);
        if (r < 0)
                log_warning_errno(r, "Failed to remove what killed commands have left: %m");
        r = run_file_choose(wanted, base, &stem, &lock_fd);
        if (r == -EEXIST)
                log_error("There is a container \"%s\"; another --name=, or berth start %s", wanted, wanted);
        else if (r == -EINVAL)
                log_error("\"%s\" can be no name of a container", wanted ?: base);
        else if (r < 0)
                log_error_errno(r, "Failed to find a name for the container: %m");
        if (r < 0)
                return r;
        path = run_file_path(stem, once);
        r = path ? run_check(path, stem, text) : log_oom();
        if (r < 0)
                return r;
        r = run_file_make(stem, once, text, ret);
        return r < 0 ? log_error_errno(r, "Failed to make %s: %m", path) : 0;
}

static int print(const char *stem, const Text *text) {
        _cleanup_free_ char *path = text_format("/%s.container", stem);

        if (!path)
                return log_oom(), EXEC_NOT_DONE;
        if (run_check(path, stem, text) < 0)
                return EXEC_NOT_DONE;
        output_text(text->data, text->length);
        return EXIT_SUCCESS;
}

static bool is_wrong(const Call *call) {
        if (call->values[RUN_TTY] && call->values[RUN_DETACH])
                log_error("--tty and --detach do not go together: a terminal needs somebody who reads it; "
                          "berth exec -t NAME gives one later");
        else if (call->values[RUN_INTERACTIVE] && call->values[RUN_DETACH])
                log_error("--interactive and --detach do not go together: nobody would pass anything on");
        else if (call->values[RUN_RM] && value_of(call, "restart") && !streq(value_of(call, "restart"), "no"))
                log_error("--rm and --restart do not go together: what is started anew is not to be gone");
        else if (call->values[RUN_TTY] && !call->values[RUN_PRINT] && !isatty(STDIN_FILENO))
                log_error("--tty needs a terminal as standard input");
        else
                return false;
        return true;
}

static int run(const Call *call) {
        _cleanup_run_file_ RunFile file = RUN_FILE_INIT;
        _cleanup_free_ char *image = NULL;
        _cleanup_text_ Text text = {};

        if (is_wrong(call) || run_describe(call, &image, &text) < 0)
                return EXEC_NOT_DONE;
        if (call->values[RUN_PRINT])
                return print(value_of(call, "name") ?: "NAME", &text);
        if (geteuid() != 0 && places_scope() == SCOPE_SYSTEM) {
                log_error("berth run needs root; berth --user run is for your own containers");
                return EXEC_NOT_DONE;
        }
        if (pull(call, image) < 0 || make_file(call, image, &text, &file) < 0)
                return EXEC_NOT_DONE;
        return start(call, &file);
}

const Verb verb_run = {
        .name = "run",
        .synopsis = "[OPTION…] IMAGE [COMMAND [ARGUMENT]…]",
        .summary = "Make a container of an image, start it and wait for it",
        .help = "Make a container file of the options of podman run, and start its unit. Standard "
                "output and error are the container's, signals go to its first process, and its end is waited for.",
        .notes = "The exit status is that of the container's first process, 128 and the number of a signal that has "
                 "ended it, 126 when the command cannot be run, 127 when it is not there, and 125 for everything "
                 "else.\n"
                 "The file is as berth.container(5) has it, and --print shows it. It is gone after the next boot, and "
                 "with --rm when the container has ended.",
        .options = run_options,
        .least = 1,
        .most = ANY_NUMBER,
        .command_follows = true,
        .for_users = FOR_USERS,
        .run = run,
};
