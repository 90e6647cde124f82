/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts written as JSON and read again: each one that facts.def has, filled by its kind, so that a
 * new fact is tried with its line there, and a new kind does not compile without its part here. */
#include <errno.h>

#include "basic/json.h"
#include "config/value/values.h"
#include "oci/fact-table.h"
#include "tests/unit/test.h"

/* Each harmless to C and to UTF-8, and none to who forgets to quote. */
static const char *const hostile[] = {
        "",
        "plain",
        "\"", "\\", "\\\"", "/", "</script>",
        "a\nb\tc\rd\b\f",
        "\x01\x1f\x7f",
        "null", "true", "[]", "{\"a\": 1}", "\\u0000", "%s%n",
        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb3",
        "\xe2\x80\xa8\xef\xbb\xbf\xef\xbf\xbf",
        " leading, trailing ",
        "a=b=c:d,e",
};

static unsigned turn;

static char *next_text(void) {
        char *text = text_format("%s %u", hostile[turn % ARRAY_SIZE(hostile)], turn);

        turn++;
        ck_assert_ptr_nonnull(text);
        return text;
}

static void fill_members(FactOwner owner, void *target);
static void compare_members(FactOwner owner, const void *a, const void *b);

/* Fills a field of each kind. */

static void fill_string(char **field) { *field = next_text(); }
static void fill_optional(char **field) { *field = turn++ % 2 == 0 ? next_text() : NULL; }

static void fill_context(char **field) {
        _cleanup_free_ char *type = next_text();

        *field = text_format("system_u:system_r:%s:s0", type);
}

/* As it is written without spaces, or it would be another text that means the same. */
static void fill_text(char **field) {
        *field = strdup("{\"b\":[1,2.50,null,18446744073709551615],\"a\":\"\\\"\\\\\\n\xc3\xa4\",\"\":{}}");
}

static void fill_bool(bool *field) { *field = turn++ % 2 == 0; }
static void fill_uint32(uint32_t *field) { *field = UINT32_MAX - turn++; }
static void fill_uint64(uint64_t *field) { *field = UINT64_MAX - turn++; }
static void fill_mode(mode_t *field) { *field = 07777 - turn++ % 0777; }
static void fill_device_type(char *field) { *field = turn++ % 2 == 0 ? 'c' : 'b'; }

static void fill_access(FactAccess *field) {
        static const FactAccess each[] = { "r", "wm", "rwm" };

        memcpy(*field, each[turn++ % ARRAY_SIZE(each)], sizeof(*field));
}

static void fill_capabilities(uint64_t *field) {
        size_t count;

        (void) capability_names(&count);
        *field = ((UINT64_C(1) << count) - 1) & ~(UINT64_C(1) << turn++ % count);
}

static void fill_ids(FactIds *field) {
        ck_assert_int_eq(ARRAY_RESERVE(field->items, field->allocated, 3), 0);
        for (field->count = 0; field->count < 3; field->count++)
                fill_uint32(&field->items[field->count]);
}

static void fill_strings(StringList *field) {
        for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
                ck_assert_int_eq(string_list_take(field, next_text()), 0);
        ck_assert_int_eq(string_list_add(field, ""), 0);
}

static void fill_paths(FactPathList *field) {
        for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
                _cleanup_free_ char *written = next_text();

                ck_assert_int_eq(fact_path_add(field, written, hostile[i]), 0);
        }
}

static void fill_globs(FactPathList *field) {
        for (size_t i = 0; i < 3; i++)
                for (size_t j = 0; j < ARRAY_SIZE(hostile); j++)
                        ck_assert_int_eq(fact_path_add(field, hostile[i], hostile[j]), 0);
}

static void fill_hooks(FactPathList *field) {
        for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
                ck_assert_int_eq(fact_path_add(field, hostile[i], "{\"version\":\"1.0.0\",\"when\":{}}"), 0);
}

static void fill_id_map(IdMap *field) {
        ck_assert_int_eq(id_map_add(field, (IdMapping) { 0, turn++, 1 }), 0);
        ck_assert_int_eq(id_map_add(field, (IdMapping) { 1, 524288, UINT32_MAX - 524288 }), 0);
}

static void fill_namespaces(FactNamespaces *field) {
        for (size_t i = 0; i < ARRAY_SIZE(*field); i++)
                fill_optional(&(*field)[i]);
}

static void fill_devices(FactDeviceList *field) {
        ck_assert_int_eq(ARRAY_RESERVE(field->items, field->allocated, 5), 0);
        for (field->count = 0; field->count < 5; field->count++)
                fill_members(OWNER_DEVICE, &field->items[field->count]);
}

static void fill_labels(FactLabels *field) { fill_members(OWNER_LABELS, field); }

/* Compares them. */

static void compare_string(char *const *a, char *const *b) {
        if (*a)
                ck_assert_str_eq(*a, *b);
        else
                ck_assert_ptr_null(*b);
}

static void compare_optional(char *const *a, char *const *b) { compare_string(a, b); }
static void compare_context(char *const *a, char *const *b) { compare_string(a, b); }
static void compare_text(char *const *a, char *const *b) { compare_string(a, b); }
static void compare_bool(const bool *a, const bool *b) { ck_assert_int_eq(*a, *b); }
static void compare_uint32(const uint32_t *a, const uint32_t *b) { ck_assert_uint_eq(*a, *b); }
static void compare_uint64(const uint64_t *a, const uint64_t *b) { ck_assert_uint_eq(*a, *b); }
static void compare_mode(const mode_t *a, const mode_t *b) { ck_assert_uint_eq(*a, *b); }
static void compare_device_type(const char *a, const char *b) { ck_assert_int_eq(*a, *b); }
static void compare_access(const FactAccess *a, const FactAccess *b) { ck_assert_str_eq(*a, *b); }
static void compare_capabilities(const uint64_t *a, const uint64_t *b) { ck_assert_uint_eq(*a, *b); }

static void compare_ids(const FactIds *a, const FactIds *b) {
        ck_assert_uint_eq(a->count, b->count);
        ck_assert_mem_eq(a->items, b->items, a->count * sizeof(*a->items));
}

static void compare_strings(const StringList *a, const StringList *b) {
        ck_assert_uint_eq(a->count, b->count);
        for (size_t i = 0; i < a->count; i++)
                ck_assert_str_eq(a->items[i], b->items[i]);
}

static void compare_paths(const FactPathList *a, const FactPathList *b) {
        ck_assert_uint_eq(a->count, b->count);
        for (size_t i = 0; i < a->count; i++) {
                ck_assert_str_eq(a->items[i].written, b->items[i].written);
                ck_assert_str_eq(a->items[i].resolved, b->items[i].resolved);
        }
}

static void compare_globs(const FactPathList *a, const FactPathList *b) { compare_paths(a, b); }
static void compare_hooks(const FactPathList *a, const FactPathList *b) { compare_paths(a, b); }

static void compare_id_map(const IdMap *a, const IdMap *b) {
        ck_assert_uint_eq(a->count, b->count);
        ck_assert_mem_eq(a->items, b->items, a->count * sizeof(*a->items));
}

static void compare_namespaces(const FactNamespaces *a, const FactNamespaces *b) {
        for (size_t i = 0; i < ARRAY_SIZE(*a); i++)
                compare_string(&(*a)[i], &(*b)[i]);
}

static void compare_devices(const FactDeviceList *a, const FactDeviceList *b) {
        ck_assert_uint_eq(a->count, b->count);
        for (size_t i = 0; i < a->count; i++)
                compare_members(OWNER_DEVICE, &a->items[i], &b->items[i]);
}

static void compare_labels(const FactLabels *a, const FactLabels *b) { compare_members(OWNER_LABELS, a, b); }

/* By the table. */

#define DEFINE_CALLS(name, ctype, done, json)                                                                          \
        static void call_fill_##name(void *field) { fill_##name(field); }                                              \
        static void call_compare_##name(const void *a, const void *b) { compare_##name(a, b); }
FACT_KINDS(DEFINE_CALLS)
#undef DEFINE_CALLS

static const struct {
        void (*fill)(void *field);
        void (*compare)(const void *a, const void *b);
} kinds[_FACT_KIND_COUNT] = {
#define KIND(name, ctype, done, json) [FACT_KIND_##name] = { call_fill_##name, call_compare_##name },
        FACT_KINDS(KIND)
#undef KIND
};

static void fill_members(FactOwner owner, void *target) {
        for (const Fact *fact = fact_table; fact->name; fact++)
                if (fact->owner == owner)
                        kinds[fact->kind].fill((char *) target + fact->offset);
}

static void compare_members(FactOwner owner, const void *a, const void *b) {
        for (const Fact *fact = fact_table; fact->name; fact++)
                if (fact->owner == owner)
                        kinds[fact->kind].compare((const char *) a + fact->offset, (const char *) b + fact->offset);
}

/* Through text, as people keep it. */
static void write_and_read(const Facts *facts, Facts *ret) {
        _cleanup_json_object_ json_object *written = NULL, *read = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *text = NULL, *said = NULL;
        int r;

        ck_assert_int_eq(facts_to_json(facts, &diagnostics, &written), 0);
        ck_assert_int_eq(json_to_text(written, &text), 0);
        ck_assert_int_eq(json_parse(text, strlen(text), "facts.json", &diagnostics, &read), 0);
        r = facts_from_json(read, "facts.json", ret, &diagnostics);
        said = test_diagnostics(&diagnostics);
        ck_assert_str_eq(said, "");
        ck_assert_int_eq(r, 0);
}

START_TEST(every_fact_is_the_same_again) {
        /* So that each has each of the texts. */
        for (turn = 0; turn < 200;) {
                _cleanup_facts_ Facts facts = {}, again = {};
                unsigned first = turn;

                fill_members(OWNER_FACTS, &facts);
                write_and_read(&facts, &again);
                compare_members(OWNER_FACTS, &facts, &again);
                turn = first + 1;
        }
}
END_TEST

/* What was in a field before gives way, but for lists that only grow. */
START_TEST(none_is_written_too) {
        _cleanup_facts_ Facts facts = { .rootfs = strdup("/r"), .host_name = strdup("h"), .created = strdup("c"),
                                        .architecture = strdup("a"), .kernel = strdup("k") }, again = {};

        turn = 0;
        fill_members(OWNER_FACTS, &again);
        again.cgroup = again.cgroup ?: strdup("/c");
        again.container_uuid = again.container_uuid ?: strdup("u");
        write_and_read(&facts, &again);
        ck_assert_ptr_null(again.cgroup);
        ck_assert_ptr_null(again.container_uuid);
        ck_assert_ptr_null(again.seccomp_profile);
        ck_assert_ptr_null(again.selinux.process);
        for (size_t i = 0; i < ARRAY_SIZE(again.namespaces); i++)
                ck_assert_ptr_null(again.namespaces[i]);
        ck_assert_uint_eq(again.uid_map.count, 0);
        ck_assert_uint_eq(again.groups.count, 0);
        ck_assert_uint_eq(again.host_environment.count, 0);
        ck_assert_uint_eq(again.nofile_hard, 0);
}
END_TEST

START_TEST(of_two_paths_the_last_counts) {
        _cleanup_facts_ Facts facts = { .rootfs = strdup("/r"), .host_name = strdup("h"), .created = strdup("c"),
                                        .architecture = strdup("a"), .kernel = strdup("k") }, again = {};

        ck_assert_int_eq(facts_add_resolved(&facts, "/a", "/example"), 0);
        ck_assert_int_eq(facts_add_resolved(&facts, "/a", "/own"), 0);
        write_and_read(&facts, &again);
        ck_assert_str_eq(facts_resolve(&facts, "/a"), "/own");
        ck_assert_str_eq(facts_resolve(&again, "/a"), "/own");
}
END_TEST

static void check_not_written(const Facts *facts, const char *expected) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *said = NULL;
        json_object *json = NULL;

        ck_assert_int_eq(facts_to_json(facts, &diagnostics, &json), -EREPORTED);
        ck_assert_ptr_null(json);
        said = test_diagnostics(&diagnostics);
        ck_assert_str_eq(said, expected);
}

START_TEST(what_json_cannot_hold) {
        _cleanup_facts_ Facts home = { .home = strdup("/home/\xff") }, key = {}, profile = {}, array = {}, hook = {};

        check_not_written(&home, "error: the fact \"home\" is not UTF-8, and nothing else is JSON\n");
        ck_assert_int_eq(facts_add_resolved(&key, "/\xc3", "/"), 0);
        check_not_written(&key, "error: the fact \"resolved\" is not UTF-8, and nothing else is JSON\n");
        profile.seccomp_profile = strdup("{");
        check_not_written(&profile, "error: the fact \"seccomp_profile\" is no JSON object\n");
        array.seccomp_profile = strdup("[]");
        check_not_written(&array, "error: the fact \"seccomp_profile\" is no JSON object\n");
        ck_assert_int_eq(fact_path_add(&hook.hooks, "/a.json", ""), 0);
        check_not_written(&hook, "error: the fact \"hooks\" is no JSON object\n");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("facts");
        TCase *cases = tcase_create("facts");

        tcase_add_test(cases, every_fact_is_the_same_again);
        tcase_add_test(cases, none_is_written_too);
        tcase_add_test(cases, of_two_paths_the_last_counts);
        tcase_add_test(cases, what_json_cannot_hold);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
