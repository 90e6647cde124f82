/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitting and quoting by systemd's rules. */
#include "basic/words.h"

#include <errno.h>

#include "tests/unit/test.h"

/* The words of `text` joined by "|". */
static void check_split(const char *text, const char *expected) {
        _cleanup_string_list_ StringList words = {};
        _cleanup_text_ Text joined = {};
        _cleanup_free_ char *result = NULL;

        ck_assert_msg(words_split(text, &words) == 0, "not split: %s", text);
        for (size_t i = 0; i < words.count; i++)
                text_appendf(&joined, "%s%s", i > 0 ? "|" : "", words.items[i]);
        ck_assert_int_eq(text_take(&joined, &result), 0);
        ck_assert_str_eq(result, expected);
        if (words.count > 0)
                ck_assert_ptr_null(words.items[words.count]);
}

/* That `text` is refused, with the rest at `offset`. */
static void check_refused(const char *text, size_t offset) {
        const char *rest = text;
        char *word = NULL;
        int r;

        while ((r = word_extract(&rest, &word, NULL)) > 0)
                free(word);
        ck_assert_msg(r == -EINVAL, "not refused: %s", text);
        ck_assert_uint_eq((size_t) (rest - text), offset);
}

START_TEST(splits_at_white_space) {
        check_split("", "");
        check_split(" \t\r\n ", "");
        check_split("a", "a");
        check_split("  a \t b\nc  ", "a|b|c");
        check_split("a=b;c #d", "a=b;c|#d");
}
END_TEST

START_TEST(quotes) {
        check_split("\"a b\" 'c d'", "a b|c d");
        check_split("'' \"\" x", "||x");
        check_split("a'b c'd", "ab cd");
        check_split("A=\"b c\"", "A=b c");
        check_split("'a'\"b\"c", "abc");
        check_split("\"it's\" 'say \"x\"'", "it's|say \"x\"");
        check_split("sh -c 'a ; b # c'", "sh|-c|a ; b # c");
}
END_TEST

START_TEST(undoes_escapes) {
        check_split("\\a\\b\\f\\n\\r\\t\\v", "\a\b\f\n\r\t\v");
        check_split("\\\\ \\\" \\' a\\sb", "\\|\"|'|a b");
        check_split("\\x41\\x7e \\101\\176", "A~|A~");
        check_split("\\u00e4 \\u20AC \\U0001f600", "\xc3\xa4|\xe2\x82\xac|\xf0\x9f\x98\x80");
        check_split("\\xc3\\xa4 \\303\\244", "\xc3\xa4|\xc3\xa4");
        /* systemd does it within both kinds of quotes. */
        check_split("'a\\nb' \"a\\nb\" 'it\\'s'", "a\nb|a\nb|it's");
        check_split("\\x4142", "A42");
}
END_TEST

START_TEST(refuses_escapes) {
        check_refused("a b\\q", 3);
        check_refused("\\", 0);
        check_refused("abc\\", 3);
        check_refused("a\\ b", 1);
        check_refused("'a\\", 2);
        check_refused("\\x4", 0);
        check_refused("\\xg1", 0);
        check_refused("\\08", 0);
        check_refused("a\\400", 1);
        check_refused("\\U00110000", 0);
        check_refused("\\u12", 0);
        /* NUL cannot be in a string. */
        check_refused("a\\x00", 1);
        check_refused("a\\000", 1);
        check_refused("a\\u0000", 1);
        check_refused("a\\U00000000", 1);
}
END_TEST

START_TEST(refuses_open_quotes) {
        check_refused("a 'b c", 2);
        check_refused("a b\"c d", 3);
        check_refused("'a\" b", 0);
        check_refused("'it's'", 5);
}
END_TEST

START_TEST(refuses_bytes_that_are_no_utf8) {
        check_refused("ok \\xff", 3);
        check_refused("  a\\xc3", 2);
        check_refused("\\ud800", 0);
}
END_TEST

START_TEST(failure_changes_nothing) {
        _cleanup_string_list_ StringList words = {};

        ck_assert_int_eq(string_list_add(&words, "old"), 0);
        ck_assert_int_eq(words_split("a b 'c", &words), -EINVAL);
        ck_assert_uint_eq(words.count, 1);
        ck_assert_int_eq(words_split("a b", &words), 0);
        ck_assert_uint_eq(words.count, 3);
        ck_assert_str_eq(words.items[2], "b");
        ck_assert_ptr_null(words.items[3]);
}
END_TEST

START_TEST(says_where_a_word_begins) {
        const char *text = "  'a b'  c", *rest = text, *start;
        char *word;

        ck_assert_int_eq(word_extract(&rest, &word, &start), 1);
        ck_assert_str_eq(word, "a b");
        ck_assert_uint_eq((size_t) (start - text), 2);
        ck_assert_str_eq(rest, "c");
        free(word);
        ck_assert_int_eq(word_extract(&rest, &word, &start), 1);
        ck_assert_str_eq(word, "c");
        ck_assert_uint_eq((size_t) (start - text), 9);
        free(word);
        ck_assert_int_eq(word_extract(&rest, &word, &start), 0);
        ck_assert_int_eq(word_extract(&rest, &word, &start), 0);
}
END_TEST

static void check_quoted(const char *word, bool percent, bool dollar, const char *expected) {
        _cleanup_text_ Text text = {};

        word_append_quoted(&text, word, percent, dollar);
        ck_assert(!text.failed);
        ck_assert_str_eq(text.data, expected);
}

START_TEST(quotes_what_needs_it) {
        check_quoted("plain-word/1.0:x=y,z", false, false, "plain-word/1.0:x=y,z");
        check_quoted("", false, false, "\"\"");
        check_quoted("a b", false, false, "\"a b\"");
        check_quoted("it's", false, false, "\"it's\"");
        check_quoted("say \"x\"", false, false, "\"say \\\"x\\\"\"");
        check_quoted("back\\slash", false, false, "\"back\\\\slash\"");
        check_quoted(";", false, false, "\";\"");
        check_quoted("#no-comment", false, false, "\"#no-comment\"");
        check_quoted("a\nb\tc", false, false, "\"a\\nb\\tc\"");
        check_quoted("\x01\x7f", false, false, "\\x01\\x7f");
        check_quoted("\xc3\xa4", false, false, "\xc3\xa4");
        check_quoted("\xff", false, false, "\\xff");
        check_quoted("100%", false, true, "100%");
        check_quoted("100% $A", true, true, "\"100%% $$A\"");
        check_quoted("$A", true, false, "$A");
}
END_TEST

START_TEST(quoting_is_undone_by_splitting) {
        for (unsigned a = 1; a < 128; a++)
                for (unsigned b = 1; b < 128; b++) {
                        char word[] = { (char) a, (char) b, (char) a, '\0' };
                        _cleanup_text_ Text text = {};
                        _cleanup_string_list_ StringList words = {};

                        text_append(&text, "x ");
                        word_append_quoted(&text, word, false, false);
                        text_append(&text, " y");
                        ck_assert_int_eq(words_split(text.data, &words), 0);
                        ck_assert_uint_eq(words.count, 3);
                        ck_assert_str_eq(words.items[1], word);
                        ck_assert(!strpbrk(text.data, "\n\r"));
                }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("words");
        TCase *cases = tcase_create("words");

        tcase_add_test(cases, splits_at_white_space);
        tcase_add_test(cases, quotes);
        tcase_add_test(cases, undoes_escapes);
        tcase_add_test(cases, refuses_escapes);
        tcase_add_test(cases, refuses_open_quotes);
        tcase_add_test(cases, refuses_bytes_that_are_no_utf8);
        tcase_add_test(cases, failure_changes_nothing);
        tcase_add_test(cases, says_where_a_word_begins);
        tcase_add_test(cases, quotes_what_needs_it);
        tcase_add_test(cases, quoting_is_undone_by_splitting);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
