/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings of IDs. */
#include "config/mount-mapping.h"
#include "host/sub-ids.h"
#include "kind/container/container-id-maps.h"
#include "tests/unit/test.h"

static IdMapping mapping(uint32_t inside, uint32_t outside, uint32_t count) {
        return (IdMapping) { inside, outside, count };
}

static void expect(const IdMap *map, const char *wanted) {
        _cleanup_text_ Text text = {};
        _cleanup_free_ char *got = NULL;

        for (size_t i = 0; i < map->count; i++)
                text_appendf(&text, "%s%u:%u:%u", i > 0 ? " " : "", map->items[i].inside, map->items[i].outside,
                             map->items[i].count);
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
        ck_assert_int_eq(id_map_to_inside(&map, id, &id), 0);
        ck_assert_uint_eq(id, 1001);
        ck_assert_int_eq(id_map_to_outside(&map, 1002, &id), -ENOENT);
        ck_assert_int_eq(id_map_range_to_outside(&map, 990, 10, &id), 0);
        ck_assert_uint_eq(id, 100990);
        ck_assert_int_eq(id_map_range_to_outside(&map, 990, 11, &id), -ENOENT);
        ck_assert_int_eq(id_map_range_to_outside(&map, 0, UINT32_MAX, &id), -ENOENT);
        ck_assert(id_map_has_outside(&map, 34));
        ck_assert(!id_map_has_outside(&map, 35));
}
END_TEST

/* 0 is the user, and there are two ranges of subordinate IDs. */
START_TEST(of_machine) {
        _cleanup_id_map_ IdMap own = {}, map = {};

        ck_assert_int_eq(id_map_add(&own, (IdMapping) { 0, 1000, 1 }), 0);
        ck_assert_int_eq(id_map_add(&own, (IdMapping) { 1, 100000, 100 }), 0);
        ck_assert_int_eq(id_map_add(&own, (IdMapping) { 101, 100100, 50 }), 0);
        ck_assert_int_eq(id_map_add_of_machine(&map, (IdMapping) { 0, 100090, 20 }, false, &own), 0);
        ck_assert_uint_eq(map.count, 2);
        ck_assert_uint_eq(map.items[0].outside, 91);
        ck_assert_uint_eq(map.items[0].count, 10);
        ck_assert_uint_eq(map.items[1].inside, 10);
        ck_assert_uint_eq(map.items[1].outside, 101);
        ck_assert_int_eq(id_map_add_of_machine(&map, (IdMapping) { 50, 100095, 1 }, false, &own), -EEXIST);
        ck_assert_int_eq(id_map_add_of_machine(&map, (IdMapping) { 50, 100095, 1 }, true, &own), 0);
        ck_assert_int_eq(id_map_add_of_machine(&map, (IdMapping) { 60, 100149, 2 }, false, &own), -ENXIO);
}
END_TEST

START_TEST(parsing) {
        static const char *const bad[] = { "",      "0",      "0:1",   "0:1:",           "0:1:2:3",
                                           "a:1:2", "0:-1:2", "0:1:0", "4294967295:0:1", "0:4294967290:6",
                                           " 0:1:2" };
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

START_TEST(filling) {
        _cleanup_id_map_ IdMap map = {};

        ck_assert_int_eq(id_map_add(&map, mapping(10, 33, 5)), 0);
        ck_assert_int_eq(id_map_add(&map, mapping(95, 50, 10)), 0);
        ck_assert_uint_eq(id_map_missing(&map, 100), 90);
        ck_assert_int_eq(id_map_fill(&map, 100, 524288, &map), 0);
        expect(&map, "10:33:5 95:50:10 0:524288:10 15:524298:80");
        ck_assert_uint_eq(id_map_missing(&map, 105), 0);
        ck_assert_int_eq(id_map_fill(&map, 105, 1, &map), 0);
        ck_assert_uint_eq(map.count, 4);
}
END_TEST

START_TEST(mappings_of_mounts) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};

        ck_assert_int_eq(id_map_add(&uids, mapping(0, 100000, 1000)), 0);
        for (unsigned i = 0; i < 4; i++) {
                static const char *const texts[] = { "uids=0-7-1#@5-20-3", "uids=@0-999-2", "gids=1-@2-3", "uids=" };
                static const int results[] = { 0, -ENOENT, -EINVAL, -EINVAL };
                _cleanup_id_map_ IdMap got_uids = {}, got_gids = {};

                ck_assert_int_eq(mount_mapping_parse(texts[i], &uids, &gids, &got_uids, &got_gids), results[i]);
                if (results[i] < 0)
                        continue;
                expect(&got_uids, "0:7:1 5:100020:3");
                expect(&got_gids, "0:0:4294967295"); /* of no user namespace: as they are */
        }
        ck_assert(mount_mapping_is_valid("gids=@0-4000000000-2"));
        ck_assert(!mount_mapping_is_valid("gids=0-4294967295-2"));
}
END_TEST

START_TEST(subordinate_ids) {
        static const char text[] = "web:100000:10\n#web:1:1\nweb:5\nweb:7:8:9\nwebs:1:1\nweb:x:1\nweb:99999999999:"
                                   "1\nweb:300000:0\n\nweb:200000:20";
        _cleanup_id_map_ IdMap map = {}, none = {}, twice = {};

        ck_assert_int_eq(sub_ids_parse(text, "web", &map), 0);
        expect(&map, "0:100000:10 10:200000:20");
        ck_assert_int_eq(sub_ids_parse(text, "nobody", &none), 0);
        ck_assert_uint_eq(none.count, 0);
        ck_assert_int_eq(sub_ids_parse("a:1:10\na:10:1\n", "a", &twice), -EEXIST);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("id-map");
        TCase *tests = tcase_create("id-map");

        tcase_add_test(tests, adding);
        tcase_add_test(tests, inserting);
        tcase_add_test(tests, translating);
        tcase_add_test(tests, of_machine);
        tcase_add_test(tests, parsing);
        tcase_add_test(tests, filling);
        tcase_add_test(tests, mappings_of_mounts);
        tcase_add_test(tests, subordinate_ids);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
