/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables and JSON. */
#include "berth/command/output.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "basic/json.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "berth/command/pager.h"

#define SMARTCOLS_LIBRARY "libsmartcols.so.1"
DYNAMIC_NOTE(smartcols, SMARTCOLS_LIBRARY, "tables", "required", "Printing tables");

DYNAMIC_FUNCTION(scols_new_table);
DYNAMIC_FUNCTION(scols_unref_table);
DYNAMIC_FUNCTION(scols_table_set_stream);
DYNAMIC_FUNCTION(scols_table_set_termforce);
DYNAMIC_FUNCTION(scols_table_set_termwidth);
DYNAMIC_FUNCTION(scols_table_set_column_separator);
DYNAMIC_FUNCTION(scols_table_enable_noencoding);
DYNAMIC_FUNCTION(scols_table_enable_noheadings);
DYNAMIC_FUNCTION(scols_table_enable_colors);
DYNAMIC_FUNCTION(scols_table_new_column);
DYNAMIC_FUNCTION(scols_table_new_line);
DYNAMIC_FUNCTION(scols_column_get_header);
DYNAMIC_FUNCTION(scols_line_set_data);
DYNAMIC_FUNCTION(scols_line_get_cell);
DYNAMIC_FUNCTION(scols_cell_set_color);
DYNAMIC_FUNCTION(scols_print_table);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(scols_new_table),
                DYNAMIC_SYMBOL(scols_unref_table),
                DYNAMIC_SYMBOL(scols_table_set_stream),
                DYNAMIC_SYMBOL(scols_table_set_termforce),
                DYNAMIC_SYMBOL(scols_table_set_termwidth),
                DYNAMIC_SYMBOL(scols_table_set_column_separator),
                DYNAMIC_SYMBOL(scols_table_enable_noencoding),
                DYNAMIC_SYMBOL(scols_table_enable_noheadings),
                DYNAMIC_SYMBOL(scols_table_enable_colors),
                DYNAMIC_SYMBOL(scols_table_new_column),
                DYNAMIC_SYMBOL(scols_table_new_line),
                DYNAMIC_SYMBOL(scols_column_get_header),
                DYNAMIC_SYMBOL(scols_line_set_data),
                DYNAMIC_SYMBOL(scols_line_get_cell),
                DYNAMIC_SYMBOL(scols_cell_set_color),
                DYNAMIC_SYMBOL(scols_print_table),
        };
        return dynamic_load(SMARTCOLS_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

/* Filling a table */

void table_hide(Table *table, size_t column) {
        table->hidden |= UINT64_C(1) << column;
}

static bool is_hidden(const Table *table, size_t column) {
        return table->hidden & UINT64_C(1) << column;
}

void table_begin_row(Table *table) {
        if (table->failed || ARRAY_RESERVE(table->cells, table->allocated,
                                           (table->row_count + 1) * table->column_count) < 0)
                table->failed = true;
        else
                table->row_count++;
}

static Cell *cell_at(const Table *table, size_t row, size_t column) {
        return &table->cells[row * table->column_count + column];
}

/* Takes both. */
static void set_cell(Table *table, size_t column, char *text, json_object *value) {
        Cell *cell;

        if (table->failed || table->row_count == 0) {
                free(text);
                json_object_put(value);
                return;
        }
        cell = cell_at(table, table->row_count - 1, column);
        free(cell->text);
        json_object_put(cell->value);
        cell->text = text;
        cell->value = value;
}

void table_set(Table *table, size_t column, const char *text, json_object *value) {
        char *copy = text ? strdup(text) : NULL;

        table->failed |= text && !copy;
        set_cell(table, column, copy, value);
}

void table_set_text(Table *table, size_t column, const char *text) {
        json_object *value = text ? json_object_new_string(text) : NULL;

        table->failed |= text && !value;
        table_set(table, column, text, value);
}

void table_set_number(Table *table, size_t column, uint64_t number) {
        char *text = text_format("%" PRIu64, number);
        json_object *value = json_object_new_uint64(number);

        table->failed |= !text || !value;
        set_cell(table, column, text, value);
}

void table_set_bytes(Table *table, size_t column, uint64_t bytes) {
        char *text = text_of_bytes(bytes);
        json_object *value = json_object_new_uint64(bytes);

        table->failed |= !text || !value;
        set_cell(table, column, text, value);
}

void table_set_bool(Table *table, size_t column, bool value) {
        table_set(table, column, value ? "yes" : "no", json_object_new_boolean(value));
}

void table_set_list(Table *table, size_t column, const StringList *list) {
        _cleanup_text_ Text text = {};
        _cleanup_json_ Json json = {};
        json_object *value = NULL;
        char *joined = NULL;

        for (size_t i = 0; i < list->count; i++)
                text_appendf(&text, "%s%s", i > 0 ? ", " : "", list->items[i]);
        json_open_array(&json, NULL);
        for (size_t i = 0; i < list->count; i++)
                json_add_string(&json, NULL, list->items[i]);
        json_close(&json);
        if (json_take(&json, &value) < 0 || (list->count > 0 && text_take(&text, &joined) < 0))
                table->failed = true;
        set_cell(table, column, joined, value);
}

void table_set_colour(Table *table, size_t column, Colour colour) {
        if (!table->failed && table->row_count > 0)
                cell_at(table, table->row_count - 1, column)->colour = colour;
}

void table_done(Table *table) {
        for (size_t i = 0; i < table->row_count * table->column_count; i++) {
                free(table->cells[i].text);
                json_object_put(table->cells[i].value);
        }
        table->cells = x_free(table->cells);
        table->row_count = table->allocated = 0;
}

/* JSON */

static int write_text_of(json_object *value, FILE *stream) {
        _cleanup_free_ char *text = NULL;
        int r = json_to_text(value, &text);

        if (r >= 0)
                (void) fputs(text, stream); /* command.c asks at the end whether it went through */
        return r;
}

bool output_errors_are_seen(void) {
        return isatty(STDERR_FILENO);
}

int output_json(json_object *value) {
        pager_open();
        return write_text_of(value, stdout);
}

/* Takes a reference to each value. NULL when memory is short. */
static json_object *row_to_json(const Table *table, size_t row) {
        json_object *object = json_object_new_object();

        for (size_t j = 0; object && j < table->column_count; j++) {
                const char *member = table->columns[j].member;

                if (!member || is_hidden(table, j))
                        continue;
                if (json_object_object_add(object, member, json_object_get(cell_at(table, row, j)->value)) < 0) {
                        json_object_put(object);
                        return NULL;
                }
        }
        return object;
}

json_object *table_to_json(const Table *table) {
        _cleanup_json_object_ json_object *array = json_object_new_array();

        if (!array)
                return NULL;
        for (size_t i = 0; i < table->row_count; i++) {
                json_object *object = row_to_json(table, i);

                if (!object || json_object_array_add(array, object) < 0) {
                        json_object_put(object);
                        return NULL;
                }
        }
        return TAKE_PTR(array);
}

static int write_json(const Table *table, FILE *stream) {
        _cleanup_json_object_ json_object *array = table_to_json(table);

        return array ? write_text_of(array, stream) : -ENOMEM;
}

/* The table */

static void unref_tablep(struct libscols_table **table) {
        if (*table)
                sym_scols_unref_table(*table);
}

static const char *colour_sequence(Colour colour) {
        switch (colour) {
        case COLOUR_GOOD:
                return "\033[32m";
        case COLOUR_WARNING:
                return "\033[33m";
        case COLOUR_BAD:
                return "\033[1;31m";
        case COLOUR_FAINT:
                return "\033[2m";
        default:
                return NULL;
        }
}

static int make_table(const TableStyle *style, FILE *stream, struct libscols_table **ret) {
        struct libscols_table *made = sym_scols_new_table();

        if (!made)
                return -ENOMEM;
        *ret = made;
        sym_scols_table_set_stream(made, stream);
        sym_scols_table_set_termforce(made, style->width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
        sym_scols_table_set_termwidth(made, style->width);
        /* The library's own way to show control characters alters the "\x2d" of units' names. */
        sym_scols_table_enable_noencoding(made, 1);
        sym_scols_table_enable_noheadings(made, !style->headings);
        sym_scols_table_enable_colors(made, style->colours);
        return sym_scols_table_set_column_separator(made, "  ");
}

static int add_columns(const Table *table, struct libscols_table *made) {
        for (size_t j = 0; j < table->column_count; j++) {
                const Column *column = &table->columns[j];
                int flags = (column->flags & COLUMN_RIGHT ? SCOLS_FL_RIGHT : 0) |
                            (column->flags & COLUMN_WRAPS ? SCOLS_FL_WRAP : 0);
                struct libscols_column *added;

                if (!column->heading || is_hidden(table, j))
                        continue;
                added = sym_scols_table_new_column(made, column->heading, 0, flags);
                if (!added || sym_scols_cell_set_color(sym_scols_column_get_header(added), "\033[1m") < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int add_cell(const Cell *cell, struct libscols_line *line, size_t n) {
        const char *colour = colour_sequence(cell->colour);
        _cleanup_free_ char *shown = NULL;
        _cleanup_text_ Text text = {};
        int r;

        if (cell->text)
                text_append_visible(&text, cell->text, strlen(cell->text));
        else
                text_append_char(&text, '-');
        r = text_take(&text, &shown);
        if (r >= 0)
                r = sym_scols_line_set_data(line, n, shown);
        if (r >= 0 && colour)
                r = sym_scols_cell_set_color(sym_scols_line_get_cell(line, n), colour);
        return r;
}

static int add_rows(const Table *table, struct libscols_table *made) {
        for (size_t i = 0; i < table->row_count; i++) {
                struct libscols_line *line = sym_scols_table_new_line(made, NULL);
                size_t n = 0;
                int r;

                if (!line)
                        return -ENOMEM;
                for (size_t j = 0; j < table->column_count; j++) {
                        if (!table->columns[j].heading || is_hidden(table, j))
                                continue;
                        r = add_cell(cell_at(table, i, j), line, n++);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

/* How narrow it can be made, about. */
static size_t least_width(const Table *table) {
        size_t sum = 0;

        for (size_t j = 0; j < table->column_count; j++) {
                const Column *column = &table->columns[j];
                size_t width = column->heading ? strlen(column->heading) : 0;

                if (!column->heading || is_hidden(table, j))
                        continue;
                for (size_t i = 0; i < table->row_count && !(column->flags & COLUMN_WRAPS); i++) {
                        const char *text = cell_at(table, i, j)->text;

                        width = text && strlen(text) > width ? strlen(text) : width;
                }
                sum += width + 2;
        }
        return sum > 2 ? sum - 2 : 0;
}

/* Leaves out what the terminal has no room for, the last first. */
static void hide_spare(Table *table, size_t width) {
        for (size_t j = table->column_count; width > 0 && j-- > 0 && least_width(table) > width;)
                if (table->columns[j].flags & COLUMN_SPARE)
                        table_hide(table, j);
}

/* The library prints nothing for a table without rows. */
static void write_headings(const Table *table, FILE *stream) {
        bool first = true;

        for (size_t j = 0; j < table->column_count; j++) {
                if (!table->columns[j].heading || is_hidden(table, j))
                        continue;
                fprintf(stream, "%s%s", first ? "" : "  ", table->columns[j].heading);
                first = false;
        }
        fputc('\n', stream);
}

static int write_table(const Table *table, const TableStyle *style, FILE *stream) {
        _cleanup_(unref_tablep) struct libscols_table *made = NULL;
        Table shown = *table; /* which has its cells */
        int r;

        hide_spare(&shown, style->width);
        if (table->row_count == 0) {
                if (style->headings)
                        write_headings(&shown, stream);
                return 0;
        }
        r = load();
        if (r < 0)
                return r;
        /* What berth prints is UTF-8, and so the widths are those of UTF-8. */
        (void) setlocale(LC_CTYPE, "C.UTF-8");
        r = make_table(style, stream, &made);
        if (r >= 0)
                r = add_columns(&shown, made);
        if (r >= 0)
                r = add_rows(&shown, made);
        return r < 0 ? r : sym_scols_print_table(made);
}

int table_write(const Table *table, const TableStyle *style, FILE *stream) {
        if (table->failed)
                return -ENOMEM;
        return style->json ? write_json(table, stream) : write_table(table, style, stream);
}

/* Standard output */

static size_t terminal_width(void) {
        struct winsize size;
        const char *columns = getenv("COLUMNS");
        uint64_t width = 0;

        if (columns && text_to_unsigned(columns, UINT16_MAX, &width) >= 0 && width > 0)
                return width;
        return ioctl(pager_terminal(), TIOCGWINSZ, &size) >= 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* By no-color.org: any value but none. */
static bool wants_colours(void) {
        const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");

        return !(no_color && *no_color) && terminal && !streq(terminal, "dumb");
}

int table_print(const Table *table, const Call *call) {
        TableStyle style = { .json = call->values[TABLE_JSON], .headings = !call->values[TABLE_NO_HEADINGS] };

        pager_open();
        if (pager_terminal() >= 0) {
                style.colours = wants_colours();
                style.width = terminal_width();
        }
        return table_write(table, &style, stdout);
}

bool output_next_round(unsigned seconds) {
        if (fflush(stdout) < 0 || ferror(stdout))
                return false;
        (void) sleep(seconds);
        if (isatty(STDOUT_FILENO))
                fputs("\033[H\033[2J", stdout);
        return true;
}

void output_line(const char *line) {
        _cleanup_text_ Text text = {};

        pager_open();
        if (pager_terminal() >= 0) {
                text_append_visible(&text, line, strlen(line));
                text_append_char(&text, '\n');
                fputs(text.failed ? "" : text.data, stdout);
        } else
                puts(line);
}

void output_text(const char *text, size_t size) {
        _cleanup_text_ Text visible = {};

        pager_open();
        if (pager_terminal() >= 0) {
                text_append_visible_lines(&visible, text, size);
                text = visible.data;
                size = visible.failed ? 0 : visible.length;
        }
        (void) fwrite(text, 1, size, stdout);
        if (size > 0 && text[size - 1] != '\n')
                putchar('\n');
}
