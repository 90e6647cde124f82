/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where everything is kept, for each manager. The search path is among the tests of sources. */
#include "source/places.h"
#include "tests/unit/test.h"

START_TEST(the_system) {
        ck_assert_int_eq(places_scope(), SCOPE_SYSTEM);
        ck_assert_str_eq(place_path(PLACE_BUNDLES), "/run/berth/bundles");
        ck_assert_str_eq(place_path(PLACE_STATE), "/var/lib/berth");
        ck_assert_str_eq(place_path(PLACE_MANAGER_SOCKET), "/run/systemd/private");
        for (Place place = 0; place < _PLACE_COUNT; place++)
                ck_assert_int_eq(place_path(place)[0], '/');
}
END_TEST

START_TEST(a_user) {
        ck_assert_int_eq(setenv("HOME", "/home/x", 1), 0);
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1), 0);
        ck_assert_int_eq(unsetenv("XDG_DATA_HOME"), 0);
        ck_assert_int_eq(unsetenv("XDG_CONFIG_HOME"), 0);
        ck_assert_int_eq(places_choose(SCOPE_USER), 0);
        ck_assert_int_eq(places_scope(), SCOPE_USER);
        ck_assert_str_eq(place_path(PLACE_BUNDLES), "/run/user/7/berth/bundles");
        ck_assert_str_eq(place_path(PLACE_MANAGER_SOCKET), "/run/user/7/systemd/private");
        ck_assert_str_eq(place_path(PLACE_VOLUMES), "/home/x/.local/share/berth/volumes");
        ck_assert_str_eq(place_path(PLACE_CONFIGURATION), "/home/x/.config/berth");
        ck_assert_str_eq(place_path(PLACE_SUB_UIDS), "/etc/subuid");
        ck_assert_str_eq(place_path_of_system(PLACE_BUNDLES), "/run/berth/bundles");
        ck_assert_int_eq(places_choose(SCOPE_SYSTEM), 0);
        ck_assert_str_eq(place_path(PLACE_VOLUMES), "/var/lib/berth/volumes");
}
END_TEST

START_TEST(a_user_with_an_environment) {
        _cleanup_free_ char *ids = text_format("/run/user/%lu/berth/ids", (unsigned long) getuid()), *logs = NULL,
                            *runtime = NULL;

        ck_assert_int_eq(setenv("XDG_DATA_HOME", "/data", 1), 0);
        ck_assert_int_eq(setenv("XDG_STATE_HOME", "/state", 1), 0);
        ck_assert_int_eq(unsetenv("XDG_RUNTIME_DIR"), 0);
        ck_assert_int_eq(places_choose(SCOPE_USER), 0);
        ck_assert_str_eq(place_path(PLACE_IMAGES), "/data/berth/images");
        ck_assert_str_eq(place_path(PLACE_ID_RANGES), ids);
        ck_assert_int_eq(base_directory_of_user(BASE_LOGS, &logs), 0);
        ck_assert_str_eq(logs, "/state/log");
        ck_assert_int_eq(base_directory_of_user(BASE_RUNTIME, &runtime), 0);
        ck_assert_ptr_nonnull(startswith(ids, runtime));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("places");
        TCase *cases = tcase_create("places");

        tcase_add_test(cases, the_system);
        tcase_add_test(cases, a_user);
        tcase_add_test(cases, a_user_with_an_environment);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
