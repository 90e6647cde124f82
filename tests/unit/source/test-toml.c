/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reader of TOML. */
#include "source/toml.h"

#include <errno.h>

#include "tests/unit/test.h"

/* "LINE:PATH=KIND STRINGS;" of each value. */
static int write_down(const TomlValue *value, void *userdata) {
        static const char kinds[] = { [TOML_STRING] = 's', [TOML_STRINGS] = 'a', [TOML_OTHER] = 'o' };
        Text *text = userdata;

        text_appendf(text, "%u:", value->where.line);
        for (size_t i = 0; i < value->path->count; i++)
                text_appendf(text, "%s%s", i > 0 ? "/" : "", value->path->items[i]);
        text_appendf(text, "=%c", kinds[value->kind]);
        for (size_t i = 0; value->kind != TOML_OTHER && i < value->strings->count; i++)
                text_appendf(text, " %s", value->strings->items[i]);
        text_append(text, ";");
        return 0;
}

START_TEST(values) {
        static const struct { const char *text, *expected;
        } cases[] = {
                { "", "" },
                { "# nothing\n\n", "" },
                { "a = \"b\"", "1:a=s b;" },
                { "a='b\\n'#c\r\n\"c d\" = \"\\\"\\u00e4\\t\"", "1:a=s b\\n;2:c d=s \"\xc3\xa4\t;" },
                { "a = [ 'b',\n # c\n \"d\", ]\ne=[]", "1:a=a b d;4:e=a;" },
                { "[x]\na.b='c'\n[[y.\"z\"]]\nd=true", "2:x/a/b=s c;4:y/z/d=o;" },
                { "a = [1, 'b']\nc = -1.5e3\nd = 1979-05-27T07:32:00Z\ne = 0xff\nf=+inf",
                  "1:a=o;2:c=o;3:d=o;4:e=o;5:f=o;" },
                { "a = { b = 'c', d.e = [ 'f' ] }\ng = {}", "1:a/b=s c;1:a/d/e=a f;1:a=o;2:g=o;" },
                { "a = \"\"\"\nb\nc \\\n   d\"\"\"\"\ne = '''f'''", "1:a=s b\nc d\";5:e=s f;" },
                { "a = [['b'], ['c']]", "1:a=o;" },
                { "a = [{ b = 'c' }]", "1:a/b=s c;1:a=o;" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_text_ Text text = {};
                int r = toml_read(cases[i].text, strlen(cases[i].text), "f", &diagnostics, write_down, &text);

                ck_assert_msg(r == 0, "%s: %s", cases[i].text, r < 0 ? diagnostics.items[0].message : "");
                ck_assert_str_eq(text.data ?: "", cases[i].expected);
        }
}
END_TEST

START_TEST(mistakes) {
        static const struct { const char *text, *expected;
        } cases[] = {
                { "a", "f:1: error: there is no \"=\" behind a key" },
                { "\n= 'b'", "f:2: error: there is no key" },
                { "a = b", "f:1: error: there is no value of TOML" },
                { "a = ", "f:1: error: there is no value of TOML" },
                { "a = 'b", "f:1: error: a string has no closing quote" },
                { "a = \"b\nc\"", "f:1: error: a string has no closing quote" },
                { "a = '''b\n", "f:2: error: a string has no closing quote" },
                { "a = \"\\q\"", "f:1: error: there is an unknown escape in a string" },
                { "a = \"\\u12g4\"", "f:1: error: an escape has too few hexadecimal digits" },
                { "a = \"\\ud800\"", "f:1: error: an escape stands for no character of a text" },
                { "a = \"\001\"", "f:1: error: there is a control character in a string" },
                { "# \001", "f:1: error: there is a control character in a comment" },
                { "a = ['b' 'c']", "f:1: error: an array has no closing bracket" },
                { "a = [\n'b',\n", "f:3: error: there is no value of TOML" },
                { "a = {b='c'", "f:1: error: a table has no closing brace" },
                { "a = {b='c',\nd='e'}", "f:1: error: there is no key" },
                { "[a", "f:1: error: a table's name has no closing bracket" },
                { "[[a]\n", "f:1: error: a table's name has no closing bracket" },
                { "a='b' c='d'", "f:1: error: there is something behind the end of a value" },
                { "a='b'\r", "f:1: error: a line ends with a carriage return alone" },
                { "a=\xff", "f: error: it is no text in UTF-8" },
                { "a=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "f:1: error: arrays and tables are nested too deeply" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_free_ char *line = NULL;
                _cleanup_text_ Text text = {};
                int r = toml_read(cases[i].text, strlen(cases[i].text), "f", &diagnostics, write_down, &text);

                ck_assert_msg(r == -EREPORTED && diagnostics.count == 1, "accepted: %s", cases[i].text);
                ck_assert_int_eq(diagnostic_format(&diagnostics.items[0], &line), 0);
                ck_assert_str_eq(line, cases[i].expected);
        }
}
END_TEST

static int stop(_unused_ const TomlValue *value, _unused_ void *userdata) {
        return -ECANCELED;
}

START_TEST(stopping) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        ck_assert_int_eq(toml_read("a='b'\n?", 7, "f", &diagnostics, stop, NULL), -ECANCELED);
        ck_assert_uint_eq(diagnostics.count, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("toml");
        TCase *tests = tcase_create("toml");

        tcase_add_test(tests, values);
        tcase_add_test(tests, mistakes);
        tcase_add_test(tests, stopping);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
