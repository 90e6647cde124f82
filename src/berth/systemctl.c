/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth start, stop, restart, enable, disable, status and kill: systemctl(1) with the units'
 * names. */
#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "berth/command/container-argument.h"
#include "berth/command/hand-over.h"
#include "host/bundle.h"
#include "start/checkpoint/checkpoint-store.h"

static bool is_for_user(const Call *call) {
        const Option *options = call->verb->options;

        for (size_t i = 0; options[i].name; i++)
                if (streq(options[i].name, "user"))
                        return call->values[i];
        return false;
}

static int run(const Call *call) {
        _cleanup_string_list_ StringList command = {};
        int r;

        r = string_list_add(&command, "systemctl");
        if (r >= 0)
                r = string_list_add(&command, call->verb->name);
        if (r >= 0)
                r = hand_over_options(call, &command);
        if (r >= 0)
                r = string_list_add(&command, "--");
        if (r >= 0)
                r = hand_over_units(call, "", &command);
        if (r >= 0 && call->argument_count == 0)
                r = string_list_add(&command, "container@*.service");
        return hand_over(r, &command);
}

/* Where there has to be one. What has none any more can be stopped, disabled and looked at. */
static int run_on_containers(const Call *call) {
        return container_arguments_check(call, is_for_user(call)) < 0 ? EXIT_FAILURE : run(call);
}

/* berth start, and what it would go on with can be forgotten */

static int forget_checkpoint(const char *argument) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *stem = NULL;
        int r;

        r = container_argument_parse(argument, &stem);
        if (r < 0)
                return r;
        r = bundle_open(stem, &bundle);
        if (r >= 0)
                r = checkpoint_forget(bundle.id);
        return r < 0 ? log_error_errno(r, "Failed to remove the checkpoint of \"%s\": %m", stem) : 0;
}

enum { FRESH };

static int run_start(const Call *call) {
        Call handed_over = *call;
        int r = 0;

        for (char **argument = call->arguments; call->values[FRESH] && *argument && r >= 0; argument++)
                r = forget_checkpoint(*argument);
        if (r < 0)
                return EXIT_FAILURE;
        handed_over.values[FRESH] = NULL;
        return run_on_containers(&handed_over);
}

#define NOTES                                                                                                          \
        "A NAME is that of a container or its file (web, web@a, web.container), of another file (data.volume), of a "  \
        "unit (container@web.service), or a pattern that running units match (web*). See systemctl(1)."

#define USER_OPTION { .name = "user", .help = "Speak to the user's service manager" }

static const Option job_options[] = {
        { .name = "no-block", .help = "Do not wait until it is done" },
        { .name = "quiet", .help = "Say less", .letter = 'q' },
        USER_OPTION,
        {},
};

static const Option start_options[] = {
        [FRESH] = { .name = "fresh", .help = "Anew, also what sleeps: the checkpoint is forgotten" },
        { .name = "no-block", .help = "Do not wait until it is done" },
        { .name = "quiet", .help = "Say less", .letter = 'q' },
        USER_OPTION,
        {},
};

static const Option file_options[] = {
        { .name = "now", .help = "Start or stop it as well" },
        { .name = "runtime", .help = "Until the next boot only" },
        { .name = "quiet", .help = "Say less", .letter = 'q' },
        USER_OPTION,
        {},
};

static const Option status_options[] = {
        { .name = "lines", .argument = "N", .help = "How many lines of its output to show", .letter = 'n' },
        { .name = "output", .argument = "FORMAT", .help = "How to show them, see journalctl(1)", .letter = 'o' },
        { .name = "full", .help = "Cut nothing off", .letter = 'l' },
        { .name = "no-pager", .help = "Use no pager" },
        USER_OPTION,
        {},
};

static const Option kill_options[] = {
        { .name = "signal", .argument = "SIGNAL", .help = "Which signal; SIGTERM is the default", .letter = 's' },
        { .name = "kill-whom", .argument = "WHO",
          .help = "main: the container's first process; all: all of them, which is the default" },
        USER_OPTION,
        {},
};

#define SYSTEMCTL_VERB(identifier, word, fewest, table, function, short_help, long_help)                               \
        const Verb verb_##identifier = {                                                                               \
                .name = word,                                                                                          \
                .synopsis = (fewest) > 0 ? "[OPTION…] NAME…" : "[OPTION…] [NAME]…",                                    \
                .summary = short_help,                                                                                 \
                .help = long_help,                                                                                     \
                .notes = NOTES,                                                                                        \
                .options = table,                                                                                      \
                .least = fewest,                                                                                       \
                .most = ANY_NUMBER,                                                                                    \
                .run = function,                                                                                       \
        }

SYSTEMCTL_VERB(start, "start", 1, start_options, run_start, "Start containers",
               "Start containers. One that sleeps goes on from its checkpoint.");
SYSTEMCTL_VERB(stop, "stop", 1, job_options, run, "Stop them", "Stop containers.");
SYSTEMCTL_VERB(restart, "restart", 1, job_options, run_on_containers, "Stop and start them",
               "Stop containers, if they run, and start them.");
SYSTEMCTL_VERB(enable, "enable", 1, file_options, run_on_containers, "Start them at boot from now on",
               "Have containers started at boot.");
SYSTEMCTL_VERB(disable, "disable", 1, file_options, run, "Start them at boot no longer",
               "Have containers no longer started at boot. What WantedBy= in the file says stays.");
SYSTEMCTL_VERB(status, "status", 0, status_options, run, "Show how they are, and what they wrote last",
               "Show how containers are, their processes and what they wrote last; without a NAME, of all that are "
               "loaded.");
SYSTEMCTL_VERB(kill, "kill", 1, kill_options, run_on_containers, "Send their processes a signal",
               "Send a signal to the processes of containers. To end a container, stop it.");
