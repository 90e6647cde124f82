/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables of command lines: each rule of systemd.service(5), COMMAND LINES. */
#include "config/expand-variables.h"
#include "tests/unit/test.h"

static char *const assignments[] = {
        (char *) "ONE=one",       (char *) "TWO=two two",     (char *) "EMPTY=",
        (char *) "QUOTED='a b' c", (char *) "OPEN=\"a b",      (char *) "ESCAPED=a\\ b\\\\",
        (char *) "DOLLAR=$ONE $${ONE}", (char *) "SPACES=  \t ", (char *) "LATER=first",
        (char *) "LATER=last",    (char *) "PERCENT=%n",      NULL,
};
static const StringList known = { .items = (char **) assignments, .count = 11 };

/* What the word becomes, each word of it in brackets, then what is unset. */
static void expect(const char *word, const char *wanted, const char *wanted_unset) {
        const Variables variables = { .assignments = &known, .complete = true };
        _cleanup_string_list_ StringList words = {}, unset = {};
        _cleanup_text_ Text text = {}, missing = {};

        ck_assert_int_eq(variables_expand_word(&variables, word, &words, &unset), 0);
        for (size_t i = 0; i < words.count; i++)
                text_appendf(&text, "[%s]", words.items[i]);
        for (size_t i = 0; i < unset.count; i++)
                text_appendf(&missing, "[%s]", unset.items[i]);
        ck_assert_str_eq(text.data ?: "", wanted);
        ck_assert_str_eq(missing.data ?: "", wanted_unset);
}

START_TEST(parts_of_words) {
        expect("plain", "[plain]", "");
        expect("${ONE}", "[one]", "");
        expect("${TWO}", "[two two]", "");
        expect("a${ONE}b${TWO}c", "[aonebtwo twoc]", "");
        expect("${EMPTY}", "[]", "");
        expect("${LATER}", "[last]", "");
        expect("${PERCENT}", "[%n]", "");
        expect("${DOLLAR}", "[$ONE $${ONE}]", "");
        expect("${NONE}", "[]", "[${NONE}]");
        expect("a${NONE}b${}", "[ab]", "[${NONE}][${}]");
        expect("${NO NAME}", "[]", "[${NO NAME}]");
}
END_TEST

START_TEST(dollars) {
        expect("$$", "[$]", "");
        expect("$$ONE", "[$ONE]", "");
        expect("$${ONE}", "[${ONE}]", "");
        expect("$$$$", "[$$]", "");
        expect("5$$", "[5$]", "");
        expect("5$", "[5$]", "");
        expect("a$ONE", "[a$ONE]", "");
        expect("sh -c $ONE", "[sh -c $ONE]", "");
        expect("${ONE", "[${ONE]", "");
        expect("${ONE:-x}", "[${ONE:-x}]", "");
        expect("${ONE:-${TWO}}", "[${ONE:-two two}]", "");
}
END_TEST

START_TEST(whole_words) {
        expect("$ONE", "[one]", "");
        expect("$TWO", "[two][two]", "");
        expect("$EMPTY", "", "");
        expect("$SPACES", "", "");
        expect("$QUOTED", "[a b][c]", "");
        expect("$OPEN", "[a b]", "");
        expect("$ESCAPED", "[a b\\]", "");
        expect("$NONE", "", "[$NONE]");
        expect("$ONE/x", "", "[$ONE/x]");
        expect("$", "", "[$]");
}
END_TEST

START_TEST(parts_of_arguments) {
        const Variables variables = { .assignments = &known, .complete = true };
        _cleanup_string_list_ StringList unset = {};
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(variables_expand_part(&variables, "$ONE", &text, &unset), 0);
        ck_assert_str_eq(text, "$ONE");
        ck_assert_int_eq((int) unset.count, 0);
}
END_TEST

START_TEST(not_known_yet) {
        const Variables some = { .assignments = &known }, all = { .assignments = &known, .complete = true };

        ck_assert(variables_are_known(&some, "${ONE}${TWO}$$ $x"));
        ck_assert(variables_are_known(&some, "$ONE"));
        ck_assert(!variables_are_known(&some, "${ONE}${NONE}"));
        ck_assert(!variables_are_known(&some, "$NONE"));
        ck_assert(variables_are_known(&some, "a$NONE ${NONE:-x}"));
        ck_assert(variables_are_known(&all, "$NONE"));
        ck_assert(variables_are_known(&all, "${NONE}"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("expand-variables");
        TCase *tests = tcase_create("variables");

        tcase_add_test(tests, parts_of_words);
        tcase_add_test(tests, dollars);
        tcase_add_test(tests, whole_words);
        tcase_add_test(tests, parts_of_arguments);
        tcase_add_test(tests, not_known_yet);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
