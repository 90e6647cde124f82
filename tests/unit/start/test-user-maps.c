/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings in a user's namespace. */
#include "start/user/user-maps.h"
#include "tests/unit/test.h"

static void add(IdMap *map, uint32_t inside, uint32_t outside, uint32_t count) {
        ck_assert_int_eq(id_map_add(map, (IdMapping) { inside, outside, count }), 0);
}

static void check(const IdMap *map, size_t i, uint32_t inside, uint32_t outside, uint32_t count) {
        ck_assert_uint_lt(i, map->count);
        ck_assert_uint_eq(map->items[i].inside, inside);
        ck_assert_uint_eq(map->items[i].outside, outside);
        ck_assert_uint_eq(map->items[i].count, count);
}

/* 0 is the user, and there are two ranges of subordinate IDs. */
START_TEST(split) {
        _cleanup_id_map_ IdMap own = {}, map = {};

        add(&own, 0, 1000, 1);
        add(&own, 1, 100000, 100);
        add(&own, 101, 500000, 100);
        add(&map, 7, 0, 150);
        add(&map, 0, 190, 5);
        ck_assert_int_eq(user_maps_split(&own, &map), 0);
        ck_assert_uint_eq(map.count, 4);
        check(&map, 0, 7, 0, 1);
        check(&map, 1, 8, 1, 100);
        check(&map, 2, 108, 101, 49);
        check(&map, 3, 0, 190, 5);
}
END_TEST

/* What is not mapped is left as it is, for the kernel to refuse. */
START_TEST(split_unmapped) {
        _cleanup_id_map_ IdMap own = {}, map = {};

        add(&own, 0, 1000, 1);
        add(&map, 0, 5, 10);
        ck_assert_int_eq(user_maps_split(&own, &map), 0);
        ck_assert_uint_eq(map.count, 1);
        check(&map, 0, 0, 5, 10);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("user-maps");
        TCase *cases = tcase_create("user-maps");

        tcase_add_test(cases, split);
        tcase_add_test(cases, split_unmapped);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
