/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth start, stop, restart, enable, disable, status and kill: systemctl(1) with the units'
 * names. */
#include "berth/berth-verbs.h"
#include "berth/command/hand-over.h"

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

#define SYSTEMCTL_VERB(identifier, word, fewest, table, short_help, long_help)                                         \
        const Verb verb_##identifier = {                                                                               \
                .name = word,                                                                                          \
                .synopsis = (fewest) > 0 ? "[OPTION…] NAME…" : "[OPTION…] [NAME]…",                                    \
                .summary = short_help,                                                                                 \
                .help = long_help,                                                                                     \
                .notes = NOTES,                                                                                        \
                .options = table,                                                                                      \
                .least = fewest,                                                                                       \
                .most = ANY_NUMBER,                                                                                    \
                .run = run,                                                                                            \
        }

SYSTEMCTL_VERB(start, "start", 1, job_options, "Start containers", "Start containers.");
SYSTEMCTL_VERB(stop, "stop", 1, job_options, "Stop them", "Stop containers.");
SYSTEMCTL_VERB(restart, "restart", 1, job_options, "Stop and start them",
               "Stop containers, if they run, and start them.");
SYSTEMCTL_VERB(enable, "enable", 1, file_options, "Start them at boot from now on",
               "Have containers started at boot.");
SYSTEMCTL_VERB(disable, "disable", 1, file_options, "Start them at boot no longer",
               "Have containers no longer started at boot. What WantedBy= in the file says stays.");
SYSTEMCTL_VERB(status, "status", 0, status_options, "Show how they are, and what they wrote last",
               "Show how containers are, their processes and what they wrote last; without a NAME, of all that are "
               "loaded.");
SYSTEMCTL_VERB(kill, "kill", 1, kill_options, "Send their processes a signal",
               "Send a signal to the processes of containers. To end a container, stop it.");
