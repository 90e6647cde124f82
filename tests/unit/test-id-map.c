/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings of IDs. */
#include "config/id-map.h"
#include "tests/unit/test.h"

static IdMapping mapping(uint32_t inside, uint32_t outside, uint32_t count) {
        return (IdMapping) { inside, outside, count };
}

static void expect(const IdMap *map, const char *wanted) {
        _cleanup_text_ Text text = {};
        _cleanup_free_ char *got = NULL;

        for (size_t i = 0; i < map->count; i++)
                text_appendf(&text, "%s%u:%u:%u", i > 0 ? " " : "", map->items[i].inside, map->items[i].outside, map->items[i].count);
        ck_assert_int_eq(text_take(&text, &got), 0);
        ck_assert_str_eq(got, wanted);
}

START_TEST(adding) {
        _cleanup_id_map_ IdMap map = {};

        ck_assert_int_eq(id_map_add(&map, mapping(0, 100000, 1000)), 0);
        ck_assert_int_eq(id_map_add(&map, mapping(1000, 33, 1)), 0);
        ck_assert_int_eq(id_map_add(&map, mapping(999, 5, 1)), -EEXIST);
        ck_assert_int_eq(id_map_add(&map, mapping(2000, 100999, 1)), -EEXIST);
        ck_assert_int_eq(id_map_add(&map, mapping(2000, 101000, 0)), -ERANGE);
        ck_assert_int_eq(id_map_add(&map, mapping(UINT32_MAX - 1, 7, 2)), -ERANGE);
        ck_assert_int_eq(id_map_add(&map, mapping(7000, UINT32_MAX, 1)), -ERANGE);
        ck_assert_int_eq(id_map_add(&map, mapping(UINT32_MAX - 1, 7, 1)), 0);
        expect(&map, "0:100000:1000 1000:33:1 4294967294:7:1");
}
END_TEST

START_TEST(inserting) {
        const struct { IdMapping given; const char *wanted; } cases[] = {
                { mapping(10, 500, 5), "0:100:10 15:115:85 10:500:5" },        /* in the middle, inside */
                { mapping(500, 110, 5), "0:100:10 15:115:85 500:110:5" },      /* in the middle, outside */
                { mapping(0, 500, 10), "10:110:90 0:500:10" },                 /* at the start */
                { mapping(90, 500, 50), "0:100:90 90:500:50" },                /* past the end */
                { mapping(0, 0, 1000), "0:0:1000" },                           /* all of it */
                { mapping(5, 190, 1), "0:100:5 6:106:84 91:191:9 5:190:1" },   /* one inside, another outside */
                { mapping(300, 600, 1), "0:100:100 300:600:1" },               /* none */
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                _cleanup_id_map_ IdMap map = {};

                ck_assert_int_eq(id_map_add(&map, mapping(0, 100, 100)), 0);
                ck_assert_int_eq(id_map_insert(&map, cases[i].given), 0);
                expect(&map, cases[i].wanted);
        }
}
END_TEST

START_TEST(translating) {
        _cleanup_id_map_ IdMap map = {};
        uint32_t id = 0;

        ck_assert_int_eq(id_map_add(&map, mapping(0, 100000, 1000)), 0);
        ck_assert_int_eq(id_map_add(&map, mapping(1000, 33, 2)), 0);
        ck_assert_int_eq(id_map_to_outside(&map, 999, &id), 0);
        ck_assert_uint_eq(id, 100999);
        ck_assert_int_eq(id_map_to_outside(&map, 1001, &id), 0);
        ck_assert_uint_eq(id, 34);
        ck_assert_int_eq(id_map_to_outside(&map, 1002, &id), -ENOENT);
        ck_assert_int_eq(id_map_range_to_outside(&map, 990, 10, &id), 0);
        ck_assert_uint_eq(id, 100990);
        ck_assert_int_eq(id_map_range_to_outside(&map, 990, 11, &id), -ENOENT);
        ck_assert_int_eq(id_map_range_to_outside(&map, 0, UINT32_MAX, &id), -ENOENT);
        ck_assert(id_map_has_outside(&map, 34));
        ck_assert(!id_map_has_outside(&map, 35));
}
END_TEST

START_TEST(parsing) {
        static const char *const bad[] = { "", "0", "0:1", "0:1:", "0:1:2:3", "a:1:2", "0:-1:2", "0:1:0", "4294967295:0:1", "0:4294967290:6", " 0:1:2" };
        IdMapping parsed = {};

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                ck_assert_int_eq(id_mapping_parse(bad[i], ':', false, &parsed), -EINVAL);
        ck_assert_int_eq(id_mapping_parse("1-2-3", '-', false, &parsed), 0);
        ck_assert(parsed.inside == 1 && parsed.outside == 2 && parsed.count == 3);
        ck_assert_int_eq(id_mapping_parse("5:6", ':', true, &parsed), 0);
        ck_assert(parsed.inside == 5 && parsed.outside == 6 && parsed.count == 1);
        ck_assert_int_eq(id_mapping_parse("0:0:4294967295", ':', false, &parsed), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("id-map");
        TCase *tests = tcase_create("id-map");

        tcase_add_test(tests, adding);
        tcase_add_test(tests, inserting);
        tcase_add_test(tests, translating);
        tcase_add_test(tests, parsing);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
