/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One run of a check in the container: bounded in time, and in what is taken of its output. */
#pragma once

#include "health/health-state.h"

typedef struct HealthRun {
        const char *runtime;
        const Bundle *bundle;
        const char *process;       /* the file that describes it, see runtime_spawn_exec() */
        const char *control_group; /* the container's own */
        uint64_t timeout_usec;
        size_t output_max; /* bytes; what comes after is thrown away */
} HealthRun;

/* Runs it, and kills all of its processes after its time, and whatever it has left behind. Returns
 * 0 with the result, or -errno when it could not be run. */
int health_run(const HealthRun *run, HealthResult *ret);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t health_clock(void);
