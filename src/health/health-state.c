/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "health/health-state.h"

bool health_state_in_startup(const HealthState *state, const HealthCheck *check) {
        return check->startup_command.count > 0 && !state->startup_passed;
}

/* Nothing that it finds is the container's status: until it has passed, that one starts. */
static HealthAction count_startup(HealthState *state, const HealthCheck *check, bool success) {
        if (success) {
                state->startup_failures = 0;
                state->startup_passed = ++state->startup_successes >= check->startup_success;
                return HEALTH_ACTION_NONE;
        }
        state->startup_successes = 0;
        state->startup_failures++;
        return check->startup_retries > 0 && state->startup_failures >= check->startup_retries ? HEALTH_ACTION_RESTART
                                                                                               : HEALTH_ACTION_NONE;
}

HealthVerdict health_state_count(HealthState *state, const HealthCheck *check, bool success, uint64_t running_usec) {
        HealthStatus before = state->status;

        if (health_state_in_startup(state, check))
                return (HealthVerdict) { .action = count_startup(state, check, success) };
        if (success) {
                state->status = HEALTH_HEALTHY;
                state->failing_streak = 0;
        } else if (running_usec >= check->start_period_usec && ++state->failing_streak >= check->retries)
                state->status = HEALTH_UNHEALTHY;
        return (HealthVerdict) {
                .changed = state->status != before,
                /* Asked for again after each further failure: what was asked for may not have been
                 * done. */
                .action = !success && state->status == HEALTH_UNHEALTHY ? (HealthAction) check->on_failure
                                                                        : HEALTH_ACTION_NONE,
        };
}

int health_state_keep(HealthState *state, HealthResult *result, uint64_t most) {
        size_t surplus;

        if (ARRAY_RESERVE(state->results, state->allocated, state->count + 1) < 0)
                return -ENOMEM;
        state->results[state->count++] = *result;
        *result = (HealthResult) {};
        surplus = state->count > most ? state->count - (size_t) most : 0;
        for (size_t i = 0; i < surplus; i++)
                health_result_done(&state->results[i]);
        memmove(state->results, state->results + surplus, (state->count - surplus) * sizeof(*state->results));
        state->count -= surplus;
        return 0;
}

const char *health_status_name(HealthStatus status) {
        static const char *const names[_HEALTH_STATUS_COUNT] = { "starting", "healthy", "unhealthy" };

        return names[status];
}

void health_result_done(HealthResult *result) {
        result->start = x_free(result->start);
        result->end = x_free(result->end);
        result->output = x_free(result->output);
}

void health_state_done(HealthState *state) {
        for (size_t i = 0; i < state->count; i++)
                health_result_done(&state->results[i]);
        state->results = x_free(state->results);
        state->count = state->allocated = 0;
}
