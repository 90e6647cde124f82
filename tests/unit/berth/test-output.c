/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables at the widths of terminals and in a pipe, and the JSON of the same columns. */
#include "berth/command/output.h"

#include "tests/unit/test.h"

enum { IMAGE, SIZE, LAYERS, DAMAGED, USED_BY };

static const Column columns[] = {
        [IMAGE] = { "IMAGE", "name", COLUMN_WRAPS },
        [SIZE] = { "SIZE", "size", COLUMN_RIGHT },
        [LAYERS] = { "LAYERS", NULL, COLUMN_RIGHT },
        [DAMAGED] = { NULL, "damaged", 0 },
        [USED_BY] = { "USED BY", "usedBy", COLUMN_WRAPS },
};

static void add_row(Table *table, const char *image, uint64_t size, const char *users) {
        _cleanup_string_list_ StringList list = {};

        ck_assert_int_eq(string_list_add_split(&list, users, strlen(users), "|"), 0);
        table_begin_row(table);
        table_set_text(table, IMAGE, image);
        if (size > 0)
                table_set_bytes(table, SIZE, size);
        table_set_number(table, LAYERS, 7);
        table_set_bool(table, DAMAGED, size == 0);
        table_set_list(table, USED_BY, &list);
}

static void fill(Table *table) {
        add_row(table, "registry.example.org/team/web-application:2026-11-01", 1288490189,
                "web.container|shop@.container|web (running)");
        add_row(table, "localhost/grün:1", 0, "");
        add_row(table, "\033[2Jevil\nname\xc2\x9bm\x7f", 512, "a\\x2db.container");
}

/* Caller frees. */
static char *written(const Table *table, const TableStyle *style) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(stream);
        ck_assert_int_eq(table_write(table, style, stream), 0);
        ck_assert_int_eq(fclose(stream), 0);
        return text;
}

static void check_table(const Table *table, const TableStyle *style, const char *expected) {
        _cleanup_free_ char *text = written(table, style);

        ck_assert_str_eq(text, expected);
}

/* That no line takes more than `width` columns. Where libsmartcols breaks them differs between its
 * versions. */
static void check_fits(size_t width) {
        _cleanup_table_ Table table = TABLE_INIT(columns);
        _cleanup_free_ char *text = NULL;
        size_t lines = 0;

        fill(&table);
        text = written(&table, &(TableStyle) { .headings = true, .width = width });
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1, lines++) {
                size_t n = 0;

                for (const char *p = line; *p != '\n'; p++)
                        n += ((unsigned char) *p & 0xc0) != 0x80;
                ck_assert_msg(n <= width, "too wide: %s", line);
        }
        ck_assert_uint_gt(lines, 4);
        ck_assert_ptr_nonnull(strstr(text, "localhost/grün:1 "));
        ck_assert_ptr_null(strpbrk(text, "\033\177"));
        ck_assert_ptr_null(strstr(text, "\xc2\x9b"));
}

START_TEST(fits_the_terminal) {
        check_fits(60);
        check_fits(80);
}
END_TEST

START_TEST(uses_200_columns) {
        _cleanup_table_ Table table = TABLE_INIT(columns);

        fill(&table);
        check_table(&table, &(TableStyle) { .headings = true, .width = 200 },
                    "IMAGE                                                 SIZE  LAYERS  USED BY\n"
                    "registry.example.org/team/web-application:2026-11-01  1.2G       7  web.container, "
                    "shop@.container, "
                    "web (running)\n"
                    "localhost/grün:1                                         -       7  -\n"
                    "\\x1b[2Jevil\\x0aname\\xc2\\x9bm\\x7f                      512B       7  "
                    "a\\x2db.container\n");
}
END_TEST

START_TEST(is_as_wide_as_it_needs_to_be_in_a_pipe) {
        _cleanup_table_ Table table = TABLE_INIT(columns);

        fill(&table);
        table_hide(&table, LAYERS); /* its heading is the widest, and only newer versions forget it */
        check_table(&table, &(TableStyle) {},
                    "registry.example.org/team/web-application:2026-11-01  1.2G  web.container, shop@.container, "
                    "web (running)\n"
                    "localhost/grün:1                                         -  -\n"
                    "\\x1b[2Jevil\\x0aname\\xc2\\x9bm\\x7f                      512B  a\\x2db.container\n");
}
END_TEST

START_TEST(is_json_of_the_same_columns) {
        _cleanup_table_ Table table = TABLE_INIT(columns);

        fill(&table);
        check_table(&table, &(TableStyle) { .json = true },
                    "[\n"
                    "  {\n"
                    "    \"name\": \"registry.example.org/team/web-application:2026-11-01\",\n"
                    "    \"size\": 1288490189,\n"
                    "    \"damaged\": false,\n"
                    "    \"usedBy\": [\"web.container\", \"shop@.container\", \"web (running)\"]\n"
                    "  },\n"
                    "  { \"name\": \"localhost/grün:1\", \"size\": null, \"damaged\": true, \"usedBy\": [] },\n"
                    "  { \"name\": \"\\u001b[2Jevil\\nname\xc2\x9bm\x7f\", \"size\": 512, \"damaged\": false, "
                    "\"usedBy\": [\"a\\\\x2db.container\"] }\n"
                    "]\n");
        table_done(&table);
        table_hide(&table, USED_BY);
        add_row(&table, "localhost/x:1", 1, "x.container");
        check_table(&table, &(TableStyle) { .json = true },
                    "[{ \"name\": \"localhost/x:1\", \"size\": 1, \"damaged\": false }]\n");
}
END_TEST

START_TEST(has_colours_where_they_are_wanted) {
        _cleanup_table_ Table table = TABLE_INIT(columns);

        table_hide(&table, LAYERS);
        table_hide(&table, USED_BY);
        add_row(&table, "localhost/x:1", 512, "");
        table_set_colour(&table, IMAGE, COLOUR_BAD);
        check_table(&table, &(TableStyle) { .colours = true, .headings = true, .width = 80 },
                    "\033[1mIMAGE        \033[0m  \033[1mSIZE\033[0m\n"
                    "\033[1;31mlocalhost/x:1\033[0m  512B\n");
        check_table(&table, &(TableStyle) { .headings = true, .width = 80 },
                    "IMAGE          SIZE\n"
                    "localhost/x:1  512B\n");
}
END_TEST

START_TEST(leaves_out_what_there_is_no_room_for) {
        static const Column few[] = { { "NAME", "name", COLUMN_WRAPS }, { "MORE", "more", COLUMN_SPARE },
                                      { "SIZE", "size", COLUMN_RIGHT } };
        _cleanup_table_ Table table = TABLE_INIT(few);

        table_begin_row(&table);
        table_set_text(&table, 0, "web");
        table_set_text(&table, 1, "more-of-it");
        table_set_bytes(&table, 2, 1);
        check_table(&table, &(TableStyle) { .headings = true, .width = 22 }, "NAME  MORE        SIZE\n"
                                                                            "web   more-of-it    1B\n");
        check_table(&table, &(TableStyle) { .headings = true, .width = 21 }, "NAME  SIZE\n"
                                                                            "web     1B\n");
        check_table(&table, &(TableStyle) { .headings = true }, "NAME  MORE        SIZE\n"
                                                               "web   more-of-it    1B\n");
        check_table(&table, &(TableStyle) { .json = true, .width = 5 },
                    "[{ \"name\": \"web\", \"more\": \"more-of-it\", \"size\": 1 }]\n");
}
END_TEST

START_TEST(says_what_it_would_have_when_it_is_empty) {
        _cleanup_table_ Table table = TABLE_INIT(columns);

        table_hide(&table, LAYERS);
        check_table(&table, &(TableStyle) { .headings = true, .width = 80 }, "IMAGE  SIZE  USED BY\n");
        check_table(&table, &(TableStyle) {}, "");
        check_table(&table, &(TableStyle) { .json = true }, "[]\n");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("output");
        TCase *cases = tcase_create("output");

        tcase_add_test(cases, fits_the_terminal);
        tcase_add_test(cases, uses_200_columns);
        tcase_add_test(cases, is_as_wide_as_it_needs_to_be_in_a_pipe);
        tcase_add_test(cases, is_json_of_the_same_columns);
        tcase_add_test(cases, has_colours_where_they_are_wanted);
        tcase_add_test(cases, leaves_out_what_there_is_no_room_for);
        tcase_add_test(cases, says_what_it_would_have_when_it_is_empty);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
