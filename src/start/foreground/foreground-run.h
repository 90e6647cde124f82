/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running a container's unit in the foreground: its streams are this process's, signals go to it,
 * and its end is waited for. */
#pragma once

#include <stdbool.h>

typedef struct ForegroundRun {
        const char *stem, *unit_name;
        bool terminal, interactive;
} ForegroundRun;

/* Starts the unit and waits until it neither runs nor is about to. Returns the exit status, 128 and
 * a signal's number, or, when the container could not be created, what exec-run.h has for that; or
 * -errno with nothing started. `ret_started`: it has come to a container. `ret_error`: what is
 * wrong with standard output, negative, or 0. */
int foreground_run(const ForegroundRun *run, bool *ret_started, int *ret_error);
