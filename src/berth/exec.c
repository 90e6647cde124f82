/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth exec: a further process in a container. */
#include "berth/berth-verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/command/container-argument.h"
#include "berth/command/unit-argument.h"
#include "host/environment-file.h"
#include "start/exec/exec-run.h"
#include "start/exec/exec-target.h"

enum { INTERACTIVE, TTY, USER, WORKDIR, ENV, ENV_FILE, PRIVILEGED, DETACH };

static int find_target(const char *name, ExecTarget *target) {
        _cleanup_free_ char *stem = NULL, *found = NULL;
        FileType type;
        int r;

        r = argument_parse(name, &type, &stem);
        if (r == -EINVAL || (r >= 0 && type != FILE_CONTAINER)) {
                log_error("\"%s\" is not the name of a container", name);
                return -EREPORTED;
        }
        if (r >= 0)
                r = exec_target_open(stem, target);
        if (r == -ENOENT && container_argument_find(name, places_scope(), &found) < 0)
                return -EREPORTED;
        if (r == -ENOENT) {
                log_error("The container \"%s\" does not run; berth start %s starts it", name, name);
                return -EREPORTED;
        }
        return r < 0 ? log_error_errno(r, "Failed to look at the container \"%s\": %m", name) : 0;
}

/* A name alone has this command's value, if any. */
static int add_variable(const char *text, StringList *environment) {
        const char *value = strchr(text, '=') ? NULL : getenv(text);
        _cleanup_free_ char *assignment = value ? text_format("%s=%s", text, value) : NULL;

        if (strchr(text, '='))
                return string_list_assign(environment, text);
        if (!value)
                return 0;
        return assignment ? string_list_assign(environment, assignment) : -ENOMEM;
}

static int read_environment(const Call *call, StringList *environment) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const StringList *files = &call->lists[ENV_FILE], *variables = &call->lists[ENV];
        int r = 0;

        for (size_t i = 0; r >= 0 && i < files->count; i++)
                r = environment_file_read(files->items[i], false, &(Location) { .file = files->items[i] }, environment,
                                          &diagnostics);
        log_diagnostics(&diagnostics);
        for (size_t i = 0; r >= 0 && i < variables->count; i++)
                r = add_variable(variables->items[i], environment);
        return r < 0 && r != -EREPORTED ? log_oom() : r;
}

static int apply(const ExecRequest *request, ExecTarget *target) {
        _cleanup_container_user_ ContainerUser user = {};
        const char *missing = NULL;
        int r;

        r = exec_find_user(request, target->process, target->root_fd, &user, &missing);
        if (r == -ESRCH || r == -ERANGE) {
                log_error("The container has no user or group \"%s\"", missing);
                return -EREPORTED;
        }
        if (r < 0)
                return log_error_errno(r, "Failed to look up the user in the container: %m");
        r = exec_process_apply(request, &user, target->root_fd, target->process);
        return r < 0 ? log_error_errno(r, "Failed to describe the process: %m") : 0;
}

static bool is_wrong(const Call *call) {
        const char *directory = call->values[WORKDIR];

        if (directory && *directory != '/')
                log_error("--workdir= needs an absolute path, not \"%s\"", directory);
        else if (call->values[TTY] && call->values[DETACH])
                log_error("--tty and --detach do not go together: a terminal needs somebody who reads it");
        else if (call->values[TTY] && !isatty(STDIN_FILENO))
                log_error("--tty needs a terminal as standard input");
        else
                return false;
        return true;
}

static int run(const Call *call) {
        _cleanup_string_list_ StringList environment = {};
        _cleanup_exec_target_ ExecTarget target = EXEC_TARGET_INIT;
        ExecRequest request = {
                .command = call->arguments + 1,
                .user = call->values[USER],
                .working_dir = call->values[WORKDIR],
                .terminal = call->values[TTY],
                .privileged = call->values[PRIVILEGED],
        };
        int r;

        if (is_wrong(call) || read_environment(call, &environment) < 0 ||
            find_target(call->arguments[0], &target) < 0)
                return EXEC_NOT_DONE;
        request.environment = environment;
        if (apply(&request, &target) < 0)
                return EXEC_NOT_DONE;
        r = exec_run(&(ExecRun) {
                .bundle = &target.bundle,
                .runtime = target.runtime,
                .process = target.process,
                .control_group = target.control_group,
                .terminal = call->values[TTY],
                .interactive = call->values[INTERACTIVE],
                .detach = call->values[DETACH],
        });
        if (r >= 0)
                return r;
        log_error_errno(r, "Failed to run a process in \"%s\": %m", call->arguments[0]);
        return EXEC_NOT_DONE;
}

const Verb verb_exec = {
        .name = "exec",
        .synopsis = "[OPTION…] NAME [COMMAND [ARGUMENT]…]",
        .summary = "Run a command in one",
        .help = "Run a command in a container that runs, as its first process is run; without a COMMAND, the user's "
                "shell.",
        .notes = "The exit status is the command's, 128 and the number of a signal that has ended it, 126 when it "
                 "cannot be run, 127 when it is not there, and 125 for everything else.",
        .options = (const Option[]) {
                [INTERACTIVE] = { .name = "interactive", .letter = 'i',
                                  .help = "Standard input is the command's, too" },
                [TTY] = { .name = "tty", .letter = 't', .help = "Give it a terminal, with this one behind it" },
                [USER] = { .name = "user", .argument = "USER[:GROUP]", .letter = 'u',
                           .help = "Run it as that user of the container's" },
                [WORKDIR] = { .name = "workdir", .argument = "DIRECTORY", .letter = 'w',
                              .help = "Run it in that directory" },
                [ENV] = { .name = "env", .argument = "NAME[=VALUE]", .letter = 'e', .repeats = true,
                          .help = "Give it a variable" },
                [ENV_FILE] = { .name = "env-file", .argument = "FILE", .repeats = true,
                               .help = "Give it the variables of a file, lines NAME=VALUE" },
                [PRIVILEGED] = { .name = "privileged", .help = "With all capabilities" },
                [DETACH] = { .name = "detach", .letter = 'd', .help = "Do not wait for its end" },
                {},
        },
        .least = 1,
        .most = ANY_NUMBER,
        .command_follows = true,
        .for_users = FOR_USERS,
        .needs_root = true,
        .run = run,
};
