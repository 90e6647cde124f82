/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of a container's health, and what a result makes of it. Nothing here knows a clock
 * or a machine. The rules are podman's (podman-run(1), --health-…). */
#pragma once

#include "health/health-check.h"

typedef enum HealthStatus { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY, _HEALTH_STATUS_COUNT } HealthStatus;

/* Of one check. `exit_code` is -1 when its time was over. The times are texts, see
 * text_of_now(). */
typedef struct HealthResult {
        char *start, *end, *output;
        int exit_code;
} HealthResult;

/* Zero-initialise with {}: that is one that starts. */
typedef struct HealthState {
        HealthStatus status;
        uint64_t failing_streak;
        bool startup_passed;
        uint64_t startup_successes, startup_failures; /* in a row */
        HealthResult *results;                        /* the oldest first */
        size_t count, allocated;
} HealthState;

/* What is to be done about a result. */
typedef struct HealthVerdict {
        bool changed; /* the status is another one */
        HealthAction action;
} HealthVerdict;

/* Whether the check that is due is the startup check. */
bool health_state_in_startup(const HealthState *state, const HealthCheck *check);

/* Counts a result of the check that was due. `running_usec` is how long the container runs
 * already. */
HealthVerdict health_state_count(HealthState *state, const HealthCheck *check, bool success, uint64_t running_usec);

/* Keeps a result, which is moved from, and drops the oldest beyond `most`. Returns 0 or -ENOMEM. */
int health_state_keep(HealthState *state, HealthResult *result, uint64_t most);

/* "starting", "healthy", "unhealthy". Static. */
const char *health_status_name(HealthStatus status);

void health_result_done(HealthResult *result);
#define _cleanup_health_result_ _cleanup_(health_result_done)
void health_state_done(HealthState *state);
#define _cleanup_health_state_ _cleanup_(health_state_done)
