/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as JSON. */
#include "start/cdi/cdi-yaml.h"

#include <errno.h>

#include "tests/unit/test.h"

#if HAVE_YAML

START_TEST(documents) {
        static const struct { const char *text, *json;
        } cases[] = {
                { "---\n# as vendors write it\ncdiVersion: 0.5.0\nkind: vendor.com/class\ndevices:\n- name: \"0\"\n  "
                  "containerEdits:\n    deviceNodes:\n    - path: /dev/x\n      fileMode: 0660\n      major: 10\n"
                  "    env: [A=1, 'B=two']\n",
                  "{\"cdiVersion\":\"0.5.0\",\"kind\":\"vendor.com/class\",\"devices\":[{\"name\":\"0\","
                  "\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/x\",\"fileMode\":432,\"major\":10}],"
                  "\"env\":[\"A=1\",\"B=two\"]}}]}" },
                { "{a: true, b: \"true\", c: ~, d: null, e: -1, f: 0x10, g: 1.5, h: 1a, i: }",
                  "{\"a\":true,\"b\":\"true\",\"c\":null,\"d\":null,\"e\":-1,\"f\":16,\"g\":\"1.5\",\"h\":\"1a\","
                  "\"i\":null}" },
                { "", NULL },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_json_object_ json_object *value = NULL;
                int r = yaml_to_json(cases[i].text, strlen(cases[i].text), "f", &diagnostics, &value);

                ck_assert_msg(r == 0, "%s: %s", cases[i].text, r < 0 ? diagnostics.items[0].message : "");
                ck_assert_pstr_eq(value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
                                                                                        JSON_C_TO_STRING_NOSLASHESCAPE)
                                        : NULL,
                                  cases[i].json);
        }
}
END_TEST

START_TEST(refused) {
        static const struct { const char *text, *said;
        } cases[] = {
                { "a: &x [1]\nb: *x", "f:1:4: error: anchors and tags are not understood" },
                { "a:\n- *x", "f:2:3: error: anchors and tags are not understood" },
                { "a: !!str 1", "f:1:4: error: anchors and tags are not understood" },
                { "[1]: 2", "f:1:1: error: a key must be a text" },
                { "a: 1\n---\nb: 2", "f:2:1: error: there is more than one document" },
                { "[[[[[[[[[[[[[[[[[", "f:1:17: error: it is nested too deeply" },
                { "a: \"\\0\"", "f:1:4: error: there is a NUL in a text" },
                { "a: 'b", "f:1:6: error: found unexpected end of stream" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_json_object_ json_object *value = NULL;
                _cleanup_free_ char *line = NULL;

                ck_assert_int_eq(yaml_to_json(cases[i].text, strlen(cases[i].text), "f", &diagnostics, &value),
                                 -EREPORTED);
                ck_assert_int_eq(diagnostic_format(&diagnostics.items[0], &line), 0);
                ck_assert_str_eq(line, cases[i].said);
        }
}
END_TEST

#else

START_TEST(documents) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        json_object *value = NULL;

        ck_assert_int_eq(yaml_to_json("a: 1", 4, "f", &diagnostics, &value), -EREPORTED);
}
END_TEST

START_TEST(refused) {
}
END_TEST

#endif

int main(void) {
        Suite *suite = suite_create("cdi-yaml");
        TCase *tests = tcase_create("cdi-yaml");

        tcase_add_test(tests, documents);
        tcase_add_test(tests, refused);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
