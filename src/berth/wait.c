/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth wait: how containers end. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/string-list.h"
#include "berth/berth-verbs.h"
#include "berth/command/container-argument.h"
#include "host/unit/unit-end.h"
#include "source/unit-name.h"
#include "start/exec/exec-run.h"

enum { USER };

static int add_unit(const char *argument, StringList *units) {
        _cleanup_free_ char *stem = NULL, *unit = NULL;
        int r;

        r = container_argument_find(argument, places_scope(), &stem);
        if (r < 0)
                return r;
        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r >= 0)
                r = string_list_add(units, unit);
        return r < 0 ? log_oom() : 0;
}

static int wait_for(const StringList *units) {
        _cleanup_free_ UnitEnd *ends = calloc(units->count, sizeof(*ends));
        int r;

        if (!ends)
                return log_oom();
        for (size_t i = 0; i < units->count; i++)
                ends[i].unit_name = units->items[i];
        r = unit_ends_wait(ends, units->count);
        if (r < 0)
                return log_error_errno(r, "Failed to wait for the end: %m");
        for (size_t i = 0; i < units->count; i++)
                printf("%d\n", unit_end_status(&ends[i], EXEC_NOT_DONE));
        return 0;
}

static int run(const Call *call) {
        _cleanup_string_list_ StringList units = {};
        int r = 0;

        if (call->values[USER])
                r = places_choose(SCOPE_USER);
        if (r < 0)
                log_error_errno(r, "Failed to find the user's directories: %m");
        for (char **argument = call->arguments; *argument && r >= 0; argument++)
                r = add_unit(*argument, &units);
        if (r >= 0)
                r = wait_for(&units);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_wait = {
        .name = "wait",
        .synopsis = "[OPTION…] NAME…",
        .summary = "Wait for their end",
        .help = "Wait until none of the containers runs or is about to, and print the exit status of each, a line "
                "each, in the order of the names.",
        .notes = "The status is that of the container's first process, 128 and the number of a signal that has ended "
                 "it, and 125 when the container could not be started. A container that does not run is not waited "
                 "for: as long as systemd has its unit loaded, the status is that of the last time, else 0.",
        .options = (const Option[]) {
                [USER] = { .name = "user", .help = "Containers of the user's service manager" },
                {},
        },
        .least = 1,
        .most = ANY_NUMBER,
        .run = run,
};
