/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What results make of a container's health, and how that is kept. */
#include "health/health-file.h"

#include "tests/unit/test.h"

enum { SEC = 1000 * 1000 };

static const HealthCheck plain = { .retries = 3, .on_failure = HEALTH_ACTION_RESTART };

static void expect(HealthState *state, const HealthCheck *check, bool success, uint64_t running_usec,
                   HealthStatus status, bool changed, HealthAction action) {
        HealthVerdict verdict = health_state_count(state, check, success, running_usec);

        ck_assert_int_eq(state->status, status);
        ck_assert_int_eq(verdict.changed, changed);
        ck_assert_int_eq(verdict.action, action);
}

START_TEST(counts_failures_in_a_row) {
        HealthState state = {};

        expect(&state, &plain, false, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        expect(&state, &plain, true, 0, HEALTH_HEALTHY, true, HEALTH_ACTION_NONE);
        expect(&state, &plain, false, 0, HEALTH_HEALTHY, false, HEALTH_ACTION_NONE);
        expect(&state, &plain, false, 0, HEALTH_HEALTHY, false, HEALTH_ACTION_NONE);
        expect(&state, &plain, true, 0, HEALTH_HEALTHY, false, HEALTH_ACTION_NONE);
        ck_assert_uint_eq(state.failing_streak, 0);
        expect(&state, &plain, false, 0, HEALTH_HEALTHY, false, HEALTH_ACTION_NONE);
        expect(&state, &plain, false, 0, HEALTH_HEALTHY, false, HEALTH_ACTION_NONE);
        expect(&state, &plain, false, 0, HEALTH_UNHEALTHY, true, HEALTH_ACTION_RESTART);
        /* What was asked for has not been done. */
        expect(&state, &plain, false, 0, HEALTH_UNHEALTHY, false, HEALTH_ACTION_RESTART);
        ck_assert_uint_eq(state.failing_streak, 4);
        expect(&state, &plain, true, 0, HEALTH_HEALTHY, true, HEALTH_ACTION_NONE);
}
END_TEST

START_TEST(waits_for_the_start_period) {
        const HealthCheck check = { .retries = 1, .start_period_usec = 10 * SEC, .on_failure = HEALTH_ACTION_KILL };
        HealthState state = {};

        expect(&state, &check, false, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        expect(&state, &check, false, 10 * SEC - 1, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        ck_assert_uint_eq(state.failing_streak, 0);
        expect(&state, &check, true, 10 * SEC - 1, HEALTH_HEALTHY, true, HEALTH_ACTION_NONE);
        expect(&state, &check, false, 10 * SEC - 1, HEALTH_HEALTHY, false, HEALTH_ACTION_NONE);
        expect(&state, &check, false, 10 * SEC, HEALTH_UNHEALTHY, true, HEALTH_ACTION_KILL);
}
END_TEST

START_TEST(begins_with_the_startup_check) {
        HealthCheck check = { .retries = 1, .startup_success = 2, .startup_retries = 2 };
        HealthState state = {};

        ck_assert(!health_state_in_startup(&state, &check));
        ck_assert_int_eq(string_list_add(&check.startup_command, "/bin/true"), 0);
        ck_assert(health_state_in_startup(&state, &check));
        expect(&state, &check, true, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        expect(&state, &check, false, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        expect(&state, &check, true, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        ck_assert(health_state_in_startup(&state, &check));
        expect(&state, &check, true, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        ck_assert(!health_state_in_startup(&state, &check));
        expect(&state, &check, false, 0, HEALTH_UNHEALTHY, true, HEALTH_ACTION_NONE);

        state = (HealthState) {};
        expect(&state, &check, false, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        expect(&state, &check, false, 0, HEALTH_STARTING, false, HEALTH_ACTION_RESTART);

        /* Without numbers any success is enough, and failures have no end. */
        state = (HealthState) {};
        check.startup_success = check.startup_retries = 0;
        for (unsigned i = 0; i < 100; i++)
                expect(&state, &check, false, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        expect(&state, &check, true, 0, HEALTH_STARTING, false, HEALTH_ACTION_NONE);
        ck_assert(!health_state_in_startup(&state, &check));
        health_check_done(&check);
}
END_TEST

static void keep(HealthState *state, int exit_code, const char *output, uint64_t most) {
        HealthResult result = {
                .start = strdup("2001-02-03T04:05:06.000000007Z"),
                .end = strdup("2001-02-03T04:05:07.000000007Z"),
                .output = strdup(output),
                .exit_code = exit_code,
        };

        ck_assert_int_eq(health_state_keep(state, &result, most), 0);
        ck_assert_ptr_null(result.output);
}

START_TEST(keeps_the_last_results) {
        _cleanup_health_state_ HealthState state = {};

        for (int i = 0; i < 7; i++)
                keep(&state, i, "", 3);
        ck_assert_uint_eq(state.count, 3);
        ck_assert_int_eq(state.results[0].exit_code, 4);
        ck_assert_int_eq(state.results[2].exit_code, 6);
}
END_TEST

static void open_bundle(const char *directory, Bundle *bundle) {
        bundle->fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(bundle->fd, 0);
}

START_TEST(keeps_the_state_in_a_file) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_health_state_ HealthState state = {}, back = {}, none = {};
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        static const char *const broken[] = { "",
                                              "[]",
                                              "{}",
                                              "{\"Status\":\"odd\",\"Log\":[]}",
                                              "{\"Status\":\"healthy\"}",
                                              "{\"Status\":\"healthy\",\"Log\":[{}]}",
                                              "{\"Status\":3,\"Log\":3}" };

        open_bundle(directory, &bundle);
        ck_assert_int_eq(health_file_read(&bundle, &none), 0);
        ck_assert_int_eq(none.status, HEALTH_STARTING);
        state.status = HEALTH_UNHEALTHY;
        state.failing_streak = 4;
        state.startup_passed = true;
        keep(&state, 0, "well\n", 5);
        keep(&state, -1, "\"quoted\"\n\tand more", 5);
        ck_assert_int_eq(health_file_write(&bundle, &state), 0);
        ck_assert_int_eq(health_file_read(&bundle, &back), 0);
        ck_assert_int_eq(back.status, HEALTH_UNHEALTHY);
        ck_assert_uint_eq(back.failing_streak, 4);
        ck_assert(back.startup_passed);
        ck_assert_uint_eq(back.count, 2);
        ck_assert_int_eq(back.results[1].exit_code, -1);
        ck_assert_str_eq(back.results[1].output, "\"quoted\"\n\tand more");
        ck_assert_str_eq(back.results[0].start, "2001-02-03T04:05:06.000000007Z");
        for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
                HealthState nothing = {};

                test_write(directory, "health.json", broken[i]);
                ck_assert_msg(health_file_read(&bundle, &nothing) == -EBADMSG, "accepted: %s", broken[i]);
                ck_assert_uint_eq(nothing.count, 0);
        }
}
END_TEST

START_TEST(keeps_the_check_in_a_file) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_health_check_ HealthCheck check = { .retries = 7,
                                                     .timeout_usec = 5 * SEC,
                                                     .started_usec = UINT64_MAX },
                                           back = {};
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;

        ck_assert_int_eq(health_check_read(&bundle, &back), -ENOENT);
        open_bundle(directory, &bundle);
        ck_assert_int_eq(health_check_read(&bundle, &back), -ENOENT);
        ck_assert_int_eq(string_list_add(&check.command, "/bin/sh"), 0);
        ck_assert_int_eq(string_list_add(&check.command, "two \"words\""), 0);
        ck_assert_int_eq(health_check_write(&bundle, &check), 0);
        ck_assert_int_eq(health_check_read(&bundle, &back), 0);
        ck_assert_uint_eq(back.command.count, 2);
        ck_assert_str_eq(back.command.items[1], "two \"words\"");
        ck_assert_uint_eq(back.startup_command.count, 0);
        ck_assert_uint_eq(back.retries, 7);
        ck_assert_uint_eq(back.timeout_usec, 5 * SEC);
        ck_assert_uint_eq(back.started_usec, UINT64_MAX);
        test_write(directory, "health-check.json", "{\"command\":[]}");
        ck_assert_int_eq(health_check_read(&bundle, &(HealthCheck) {}), -EBADMSG);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health");
        TCase *cases = tcase_create("health");

        tcase_add_test(cases, counts_failures_in_a_row);
        tcase_add_test(cases, waits_for_the_start_period);
        tcase_add_test(cases, begins_with_the_startup_check);
        tcase_add_test(cases, keeps_the_last_results);
        tcase_add_test(cases, keeps_the_state_in_a_file);
        tcase_add_test(cases, keeps_the_check_in_a_file);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
