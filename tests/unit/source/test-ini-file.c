/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of INI files, with what inih would do to it. */
#include "source/ini-file.h"

#include <errno.h>

#include "tests/unit/test.h"

static int read_bytes(UnitFile *unit, const char *bytes, size_t n, Diagnostics *diagnostics) {
        return unit_file_read(unit, bytes, n, "f", diagnostics);
}

/* "section.key=<value>" of every entry, a line each. */
static char *dump(const UnitFile *unit) {
        _cleanup_text_ Text text = {};
        char *all;

        for (size_t i = 0; i < unit->count; i++)
                text_appendf(&text, "%s.%s=<%s>\n", unit->entries[i].section, unit->entries[i].key,
                             unit->entries[i].value);
        ck_assert_int_eq(text_take(&text, &all), 0);
        return all;
}

static void check_bytes(const char *bytes, size_t n, const char *expected, const char *expected_diagnostics) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *entries = NULL, *messages = NULL;

        ck_assert_int_eq(read_bytes(&unit, bytes, n, &diagnostics), 0);
        entries = dump(&unit);
        messages = test_diagnostics(&diagnostics);
        ck_assert_str_eq(entries, expected);
        ck_assert_str_eq(messages, expected_diagnostics);
}

static void check_text(const char *text, const char *expected, const char *expected_diagnostics) {
        check_bytes(text, strlen(text), expected, expected_diagnostics);
}

#define CHECK_BYTES(literal, expected, diagnostics) check_bytes(literal, sizeof(literal) - 1, expected, diagnostics)

START_TEST(reads_sections_and_assignments) {
        check_text("", "", "");
        check_text("\n \n\t\n", "", "");
        check_text("[A]\nX=1\nY=2\n[B]\nX=3\n[A]\nX=", "A.X=<1>\nA.Y=<2>\nB.X=<3>\nA.X=<>\n", "");
        check_text("  [A]  \n  X  =  1 2  \n\tY\t=\t3\t\n", "A.X=<1 2>\nA.Y=<3>\n", "");
        check_text("[A]\nX=1", "A.X=<1>\n", "");
        check_text("[Service A]\nX=1", "Service A.X=<1>\n", "");
}
END_TEST

START_TEST(skips_comments) {
        check_text("# a\n; b\n  # c\n[A]\n#X=1\n ;Y=2\nZ=3\n", "A.Z=<3>\n", "");
        /* A backslash does not continue a comment. */
        check_text("[A]\n# a \\\nX=1\n", "A.X=<1>\n", "");
}
END_TEST

START_TEST(keeps_values_as_they_are) {
        check_text("[A]\nX=sh -c \"a ; b\" # no comment ; neither\n", "A.X=<sh -c \"a ; b\" # no comment ; neither>\n",
                   "");
        check_text("[A]\nX=a=b:c==\nY=:x\nZ== =\n", "A.X=<a=b:c==>\nA.Y=<:x>\nA.Z=<= =>\n", "");
        check_text("[A]\nX= ;only\nY=#only\nZ=[x]\n", "A.X=<;only>\nA.Y=<#only>\nA.Z=<[x]>\n", "");
        check_text("[A]\nX='open \" quote\nY=%i $A \\x41 \xc3\xa4\n",
                   "A.X=<'open \" quote>\nA.Y=<%i $A \\x41 \xc3\xa4>\n", "");
        CHECK_BYTES("[A]\nX=a\x01\x0b\x7f" "b\n", "A.X=<a\x01\x0b\x7f" "b>\n", "");
}
END_TEST

/* inih breaks lines at 200 bytes: what follows would be a key of its own. */
START_TEST(keeps_long_values) {
        for (size_t n = 150; n < 100000; n = n < 300 ? n + 1 : n * 3) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_unit_file_ UnitFile unit = {};
                _cleanup_text_ Text text = {};

                text_append(&text, "[A]\nX=");
                for (size_t i = 0; i < n; i++)
                        text_append_char(&text, (char) ('a' + i % 26));
                text_append(&text, " --opt=evil\nY=1\n");
                ck_assert_int_eq(read_bytes(&unit, text.data, text.length, &diagnostics), 0);
                ck_assert_uint_eq(diagnostics.count, 0);
                ck_assert_uint_eq(unit.count, 2);
                ck_assert_uint_eq(strlen(unit.entries[0].value), n + strlen(" --opt=evil"));
                ck_assert_ptr_nonnull(endswith(unit.entries[0].value, " --opt=evil"));
                ck_assert_str_eq(unit.entries[1].key, "Y");
                ck_assert_uint_eq(unit.entries[1].where.line, 3);
        }
}
END_TEST

START_TEST(keeps_long_names) {
        _cleanup_text_ Text text = {}, expected = {};

        text_append_char(&text, '[');
        for (size_t i = 0; i < 300; i++)
                text_append_char(&expected, 's');
        text_appendf(&text, "%s]\n", expected.data);
        text_append_char(&expected, '.');
        for (size_t i = 0; i < 128; i++) {
                text_append_char(&text, 'k');
                text_append_char(&expected, 'k');
        }
        text_append(&text, "=v\n");
        text_append(&expected, "=<v>\n");
        check_text(text.data, expected.data, "");
}
END_TEST

START_TEST(reads_many_entries) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_text_ Text text = {};

        text_append(&text, "[A]\n");
        for (size_t i = 0; i < 20000; i++)
                text_appendf(&text, "K%zu=%zu\n", i, i);
        ck_assert_int_eq(read_bytes(&unit, text.data, text.length, &diagnostics), 0);
        ck_assert_uint_eq(unit.count, 20000);
        ck_assert_str_eq(unit.entries[19999].key, "K19999");
        ck_assert_str_eq(unit.entries[19999].value, "19999");
        ck_assert_uint_eq(unit.entries[19999].where.line, 20001);
}
END_TEST

/* inih would take an indented line for more of the one before. */
START_TEST(strips_before_keys) {
        check_text("[A]\nX=1\n  Y=2\n\tZ=3\n", "A.X=<1>\nA.Y=<2>\nA.Z=<3>\n", "");
        check_text("[A]\nX=1\n  more\n", "A.X=<1>\n", "f:3:3: error: missing \"=\"\n");
}
END_TEST

START_TEST(joins_lines) {
        check_text("[A]\nX=a \\\n  b\\\nc\nY=1\n", "A.X=<a    b c>\nA.Y=<1>\n", "");
        check_text("[A]\nX=\\\n  a\n", "A.X=<a>\n", "");
        check_text("[A]\nX\\\n=a\n", "A.X=<a>\n", "");
        check_text("[A]\nX=a\\\n\nY=b\n", "A.X=<a>\nA.Y=<b>\n", "");
        check_text("[A]\nX=a\\\nY=b\n", "A.X=<a Y=b>\n", "");
        check_text("[A]\nX=a\\\n[B]\n", "A.X=<a [B]>\n", "");
        check_text("[A]\nX=a\\", "A.X=<a>\n", "");
        check_text("[A]\nX=a\\\n", "A.X=<a>\n", "");
        check_text("[A\\\nB]\nX=1\n", "A B.X=<1>\n", "");
        check_text("\\\n\\\n", "", "");
}
END_TEST

START_TEST(escaped_backslashes_do_not_join) {
        check_text("[A]\nX=a\\\\\nY=b\n", "A.X=<a\\\\>\nA.Y=<b>\n", "");
        check_text("[A]\nX=a\\\\\\\nb\n", "A.X=<a\\\\ b>\n", "");
        check_text("[A]\nX=a\\\\ \nY=b\n", "A.X=<a\\\\>\nA.Y=<b>\n", "");
}
END_TEST

START_TEST(white_space_may_follow_a_backslash) {
        check_text("[A]\nX=a\\ \t\n  b\n", "A.X=<a   b>\n", "");
}
END_TEST

START_TEST(skips_comments_between_joined_lines) {
        check_text("[A]\nX=a\\\n# no\n ; nor this \\\nb\nY=1\n", "A.X=<a b>\nA.Y=<1>\n", "");
        check_text("[A]\nX=a\\\n# no", "A.X=<a>\n", "");
}
END_TEST

START_TEST(tolerates_windows) {
        check_text("\xef\xbb\xbf[A]\r\nX=1\r\nY=a\\\r\nb\r\n\r\n", "A.X=<1>\nA.Y=<a b>\n", "");
        check_text("\xef\xbb\xbf# comment\n[A]\nX=1\r", "A.X=<1>\n", "");
        check_text("\xef\xbb\xbf", "", "");
        check_text("\xef\xbb\xbfX=1\n", "", "f:1:4: error: assignment outside of a section\n");
}
END_TEST

START_TEST(refuses_malformed_lines) {
        check_text("[A]\nX\n  foo bar\nY=1\n", "A.Y=<1>\n",
                   "f:2:1: error: missing \"=\"\nf:3:3: error: missing \"=\"\n");
        check_text("X=1\n[A]\nX=2\n", "A.X=<2>\n", "f:1:1: error: assignment outside of a section\n");
        check_text("junk\n", "", "f:1:1: error: assignment outside of a section\n");
        check_text("[A]\n =1\n=\n", "",
                   "f:2:2: error: missing key before \"=\"\nf:3:1: error: missing key before \"=\"\n");
        check_text("[A]\nA B=1\nA\tB =1\n", "",
                   "f:2:2: error: white space in the key\nf:3:2: error: white space in the key\n");
        check_text("[A]\nX: y\n", "", "f:2:1: error: missing \"=\"\n");
        check_text("[A]\nX: y=z\nX:=1\n", "",
                   "f:2:2: error: \":\" in the key (only \"=\" separates a key from its value)\n"
                   "f:3:2: error: \":\" in the key (only \"=\" separates a key from its value)\n");
        check_text("[A]\n\xc3\xa4=1\nX\x01=1\n", "",
                   "f:2:1: error: invalid character in the key\nf:3:2: error: invalid character in the key\n");
}
END_TEST

START_TEST(refuses_long_keys) {
        _cleanup_text_ Text text = {};

        text_append(&text, "[A]\n ");
        for (size_t i = 0; i < 129; i++)
                text_append_char(&text, 'k');
        text_append(&text, "=1\n");
        check_text(text.data, "", "f:2:130: error: key longer than 128 bytes\n");
}
END_TEST

START_TEST(refuses_malformed_sections) {
        /* What is below them is not reported again, nor given to the section before. */
        check_text("[A]\n[B\nX=1\n[C]\nX=2\n", "C.X=<2>\n", "f:2:1: error: \"[\" without \"]\"\n");
        check_text("[A]\n [B] junk\nX=1\n", "", "f:2:6: error: text after the section header\n");
        check_text("[A]junk\nX=1\n", "", "f:1:4: error: text after the section header\n");
        check_text("[A]]\n[]\n[A[B]\n[\"A\"]\n", "",
                   "f:1:4: error: text after the section header\n"
                   "f:2:1: error: empty section name\n"
                   "f:3:3: error: invalid character in the section name\n"
                   "f:4:2: error: invalid character in the section name\n");
        check_text("[A]\n[B\xff]\nX=1\n", "", "f:2:3: error: invalid UTF-8\n");
}
END_TEST

START_TEST(refuses_bad_bytes) {
        CHECK_BYTES("[A]\nX=a\0b\nY=1\n", "A.Y=<1>\n", "f:2:4: error: NUL byte\n");
        CHECK_BYTES("[A]\n# a\0b\nY=1\n", "A.Y=<1>\n", "f:2:4: error: NUL byte\n");
        CHECK_BYTES("\0", "", "f:1:1: error: NUL byte\n");
        CHECK_BYTES("[A]\nX=\xc3(\nY=1\n", "A.Y=<1>\n", "f:2:3: error: invalid UTF-8\n");
        CHECK_BYTES("[A]\nX=\xed\xa0\x80\nX=\xc0\xaf\nX=\xf4\x90\x80\x80\n", "",
                    "f:2:3: error: invalid UTF-8\nf:3:3: error: invalid UTF-8\nf:4:3: error: invalid UTF-8\n");
        /* To systemd a lone carriage return ends the line: the rest would be another assignment
         * there. */
        CHECK_BYTES("[A]\nX=a\rY=b\nZ=1\n", "A.Z=<1>\n", "f:2:4: error: carriage return within a line\n");
        CHECK_BYTES("[A]\n# a\rY=b\nZ=1\n", "A.Z=<1>\n", "f:2:4: error: carriage return within a line\n");
        /* Old comments may be in any encoding. */
        CHECK_BYTES("# \xe4\n[A]\nX=1\n", "A.X=<1>\n", "");
        /* A bad line spoils the whole that it is a part of. */
        CHECK_BYTES("[A]\nX=a\\\nb\xff\\\nc\nY=1\n", "A.Y=<1>\n", "f:3:2: error: invalid UTF-8\n");
        CHECK_BYTES("[A]\nX=a\\\n#\0\nc\nY=1\n", "A.Y=<1>\n", "f:3:2: error: NUL byte\n");
}
END_TEST

START_TEST(gives_up_after_many_errors) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_text_ Text text = {};

        text_append(&text, "[A]\n");
        for (size_t i = 0; i < 5000; i++)
                text_append(&text, "x\n");
        ck_assert_int_eq(read_bytes(&unit, text.data, text.length, &diagnostics), 0);
        ck_assert_uint_eq(diagnostics.errors, 101);
        ck_assert_str_eq(diagnostics.items[100].message, "too many errors, the rest of the file is not read");
        ck_assert_uint_eq(diagnostics.items[100].line, 101);
}
END_TEST

START_TEST(limits_sections) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < 100000; i++)
                text_appendf(&text, "[%zu]\n", i);
        ck_assert_int_eq(read_bytes(&unit, text.data, text.length, &diagnostics), 0);
        ck_assert_uint_eq(unit.sections.count, 1000);
        ck_assert_str_eq(diagnostics.items[0].message, "too many sections");
        ck_assert_uint_eq(diagnostics.items[0].line, 1001);
}
END_TEST

START_TEST(limits_the_size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *text = malloc(UNIT_FILE_SIZE_MAX + 1);

        ck_assert_ptr_nonnull(text);
        memset(text, 'x', UNIT_FILE_SIZE_MAX + 1);
        memcpy(text, "[A]\nX=", 6);
        ck_assert_int_eq(read_bytes(&unit, text, UNIT_FILE_SIZE_MAX + 1, &diagnostics), -EFBIG);
        ck_assert_uint_eq(unit.count, 0);
        ck_assert_uint_eq(unit.files.count, 0);
        ck_assert_int_eq(read_bytes(&unit, text, UNIT_FILE_SIZE_MAX, &diagnostics), 0);
        ck_assert_uint_eq(unit.count, 1);
        ck_assert_uint_eq(strlen(unit.entries[0].value), UNIT_FILE_SIZE_MAX - 6);
        ck_assert_uint_eq(diagnostics.count, 0);
}
END_TEST

static void check_place(const Entry *entry, size_t offset, unsigned line, unsigned column) {
        Location where = entry_location(entry, offset);

        ck_assert_str_eq(where.file, "f");
        ck_assert_uint_eq(where.line, line);
        ck_assert_uint_eq(where.column, column);
}

START_TEST(knows_places) {
        static const char text[] = "\n[A]\n  Key = one \\\n# comment\n   two\\\nthree  \nEmpty =  \nLate=\\\n  \\\n "
                                   "x\nNext=\\\nx\n";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        const Entry *entry;

        ck_assert_int_eq(read_bytes(&unit, text, strlen(text), &diagnostics), 0);
        ck_assert_uint_eq(diagnostics.count, 0);
        ck_assert_uint_eq(unit.count, 4);

        entry = &unit.entries[0];
        ck_assert_str_eq(entry->value, "one     two three");
        ck_assert_uint_eq(entry->where.line, 3);
        ck_assert_uint_eq(entry->where.column, 3);
        ck_assert_uint_eq(entry->piece_count, 3);
        check_place(entry, 0, 3, 9);
        check_place(entry, 2, 3, 11);
        check_place(entry, 8, 5, 4);  /* two */
        check_place(entry, 12, 6, 1); /* three */
        check_place(entry, 16, 6, 5);

        entry = &unit.entries[1];
        ck_assert_str_eq(entry->value, "");
        ck_assert_uint_eq(entry->piece_count, 1);
        check_place(entry, 0, 7, 8);

        entry = &unit.entries[2];
        ck_assert_str_eq(entry->value, "x");
        ck_assert_uint_eq(entry->where.line, 8);
        ck_assert_uint_eq(entry->piece_count, 1);
        check_place(entry, 0, 10, 2);

        /* The value begins right where the line does. */
        entry = &unit.entries[3];
        ck_assert_str_eq(entry->value, "x");
        ck_assert_uint_eq(entry->piece_count, 1);
        check_place(entry, 0, 12, 1);
}
END_TEST

START_TEST(counts_columns_behind_a_mark) {
        static const char text[] = "\xef\xbb\xbf[A\\\n]\\\n x\n";

        check_text(text, "", "f:3:2: error: text after the section header\n");
}
END_TEST

START_TEST(reads_several_files) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *entries = NULL;
        static char first[] = "[A]\nX=1\n", second[] = "[B]\n[A]\nX=2\n", third[] = "Y=3\n";

        ck_assert_int_eq(unit_file_read(&unit, first, strlen(first), "first", &diagnostics), 0);
        ck_assert_int_eq(unit_file_read(&unit, second, strlen(second), "second", &diagnostics), 0);
        ck_assert_uint_eq(diagnostics.count, 0);
        /* A section does not reach into the next file. */
        ck_assert_int_eq(unit_file_read(&unit, third, strlen(third), "third", &diagnostics), 0);
        ck_assert_uint_eq(diagnostics.count, 1);
        ck_assert_str_eq(diagnostics.items[0].file, "third");

        entries = dump(&unit);
        ck_assert_str_eq(entries, "A.X=<1>\nA.X=<2>\n");
        ck_assert_ptr_eq(unit.entries[0].section, unit.entries[1].section);
        ck_assert_str_eq(unit.entries[0].where.file, "first");
        ck_assert_str_eq(unit.entries[1].where.file, "second");
        ck_assert(unit_file_has_section(&unit, "A"));
        ck_assert(unit_file_has_section(&unit, "B"));
        ck_assert(!unit_file_has_section(&unit, "C"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("unit-file");
        TCase *cases = tcase_create("unit-file");

        tcase_add_test(cases, reads_sections_and_assignments);
        tcase_add_test(cases, skips_comments);
        tcase_add_test(cases, keeps_values_as_they_are);
        tcase_add_test(cases, keeps_long_values);
        tcase_add_test(cases, keeps_long_names);
        tcase_add_test(cases, reads_many_entries);
        tcase_add_test(cases, strips_before_keys);
        tcase_add_test(cases, joins_lines);
        tcase_add_test(cases, escaped_backslashes_do_not_join);
        tcase_add_test(cases, white_space_may_follow_a_backslash);
        tcase_add_test(cases, skips_comments_between_joined_lines);
        tcase_add_test(cases, tolerates_windows);
        tcase_add_test(cases, refuses_malformed_lines);
        tcase_add_test(cases, refuses_long_keys);
        tcase_add_test(cases, refuses_malformed_sections);
        tcase_add_test(cases, refuses_bad_bytes);
        tcase_add_test(cases, gives_up_after_many_errors);
        tcase_add_test(cases, limits_sections);
        tcase_add_test(cases, limits_the_size);
        tcase_add_test(cases, knows_places);
        tcase_add_test(cases, counts_columns_behind_a_mark);
        tcase_add_test(cases, reads_several_files);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
