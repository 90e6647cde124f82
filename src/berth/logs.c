/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth logs: what containers write, from the journal. */
#include "berth/berth-verbs.h"
#include "berth/command/container-argument.h"
#include "berth/command/hand-over.h"

enum { FOLLOW, LINES, SINCE, UNTIL, BOOT, OUTPUT, REVERSE, NO_PAGER, GREP, USER };

static int run(const Call *call) {
        const char *prefix = call->values[USER] ? "--user-unit=" : "--unit=";
        _cleanup_string_list_ StringList command = {};
        Call other = *call;
        int r;

        /* What was there once may have left something: that it is gone is only said. */
        (void) container_arguments_check(call, call->values[USER]);
        other.values[USER] = NULL; /* which journalctl understands as something else */
        r = string_list_add(&command, "journalctl");
        if (r >= 0)
                r = hand_over_options(&other, &command);
        if (r >= 0)
                r = hand_over_units(call, prefix, &command);
        if (r >= 0 && call->argument_count == 0)
                r = string_list_addf(&command, "%scontainer@*.service", prefix);
        return hand_over(r, &command);
}

const Verb verb_logs = {
        .name = "logs",
        .synopsis = "[OPTION…] [NAME]…",
        .summary = "Show what they write",
        .help = "Show what containers write, from the journal, together with what systemd says about them; without "
                "a NAME, of all.",
        .notes = "A NAME is that of a container or its file, of another file, of a unit, or a pattern. See "
                 "journalctl(1).",
        .options = (const Option[]) {
                [FOLLOW] = { .name = "follow", .letter = 'f', .help = "Show also what is to come" },
                [LINES] = { .name = "lines", .argument = "N", .letter = 'n', .help = "The last N lines" },
                [SINCE] = { .name = "since", .argument = "TIME",
                            .help = "What is not older: today, -1h, 2026-11-26 12:00" },
                [UNTIL] = { .name = "until", .argument = "TIME", .help = "What is not newer" },
                [BOOT] = { .name = "boot", .argument = "[ID]", .letter = 'b', .help = "Of this boot, or of that one" },
                [OUTPUT] = { .name = "output", .argument = "FORMAT", .letter = 'o',
                             .help = "short, cat, json and others, see journalctl(1)" },
                [REVERSE] = { .name = "reverse", .letter = 'r', .help = "The newest first" },
                [NO_PAGER] = { .name = "no-pager", .help = "Use no pager" },
                [GREP] = { .name = "grep", .argument = "PATTERN", .letter = 'g', .help = "Lines that match" },
                [USER] = { .name = "user", .help = "Of the user's service manager" },
                {},
        },
        .most = ANY_NUMBER,
        .run = run,
};
