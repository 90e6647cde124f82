/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running a further process in a container, by the runtime's exec. */
#pragma once

#include "host/bundle.h"
#include "start/exec/exec-process.h"

enum {
        EXEC_NOT_DONE = 125,   /* it is our fault, or the runtime's */
        EXEC_CANNOT_RUN = 126, /* the command is there, and cannot be run */
        EXEC_NOT_FOUND = 127,
};

typedef struct ExecRun {
        const Bundle *bundle;
        const char *runtime;
        json_object *process; /* see exec_process_apply() */
        char *control_group;  /* the container's own; NULL: it has none */
        bool terminal, interactive, detach;
} ExecRun;

/* Runs it in a control group of its own below the container's and waits for its end, unless it is
 * detached. Signals that come meanwhile go to it. Returns the exit status, 128 and a signal's
 * number, or one of the above; or -errno with nothing run. */
int exec_run(const ExecRun *run);

/* Returns which of the above a runtime's words mean, lines that are changed. */
int exec_status_of(char *words);
