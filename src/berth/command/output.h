/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs print: tables for people and JSON for programs from one set of columns, and lines in
 * which nothing gives orders to a terminal. The only user of libsmartcols. */
#pragma once

#include <json-c/json.h>

#include "basic/string-list.h"
#include "berth/command/verb.h"

typedef enum ColumnFlags {
        COLUMN_RIGHT = 1 << 0, /* numbers */
        COLUMN_WRAPS = 1 << 1, /* takes several lines where the terminal is narrow */
        COLUMN_SPARE = 1 << 2, /* is left out where it is narrower than that */
} ColumnFlags;

typedef struct Column {
        const char *heading; /* "SIZE"; NULL: only in JSON */
        const char *member;  /* "size"; NULL: only in the table */
        ColumnFlags flags;
} Column;

typedef enum Colour {
        COLOUR_NONE,
        COLOUR_GOOD,
        COLOUR_WARNING,
        COLOUR_BAD,
        COLOUR_FAINT,
} Colour;

typedef struct Cell {
        char *text;         /* owned; NULL: "-" */
        json_object *value; /* owned; NULL: null */
        Colour colour;
} Cell;

/* Initialise with TABLE_INIT(columns). Lack of memory is remembered in `failed`, and reported by
 * table_write(). */
typedef struct Table {
        const Column *columns;
        size_t column_count;
        uint64_t hidden; /* a bit for each column */
        Cell *cells;     /* row by row */
        size_t row_count, allocated;
        bool failed;
} Table;

#define TABLE_INIT(array) { .columns = (array), .column_count = ARRAY_SIZE(array) }

/* Leaves the column out, of JSON as well. */
void table_hide(Table *table, size_t column);

/* Begins a row; the cells that are set next are its. Those that are not set are "-" and null. */
void table_begin_row(Table *table);

/* Set a cell of the last row. `text` may be NULL, for "-" and null. */
void table_set_text(Table *table, size_t column, const char *text);
void table_set_number(Table *table, size_t column, uint64_t number);
void table_set_bytes(Table *table, size_t column, uint64_t bytes);
void table_set_bool(Table *table, size_t column, bool value);
/* "a, b" and an array. */
void table_set_list(Table *table, size_t column, const StringList *list);

/* Sets what the table has and what JSON has. `value` is owned from then on, also on failure. */
void table_set(Table *table, size_t column, const char *text, json_object *value);

void table_set_colour(Table *table, size_t column, Colour colour);

void table_done(Table *table);
#define _cleanup_table_ _cleanup_(table_done)

typedef struct TableStyle {
        bool json;
        bool headings;
        bool colours;
        size_t width; /* 0: as wide as it needs to be */
} TableStyle;

/* Returns an array with an object for each row, NULL when memory is short. The caller owns it. */
json_object *table_to_json(const Table *table);

/* Writes it. Returns 0, -ENOPKG without libsmartcols, or -ENOMEM. */
int table_write(const Table *table, const TableStyle *style, FILE *stream);

/* The first options of a verb that prints a table. */
#define TABLE_OPTIONS                                                                                                  \
        { .name = "json", .help = "Print a JSON array of objects instead of a table; sizes in bytes" },                \
        { .name = "noheadings", .help = "Print no headings" }
enum { TABLE_JSON, TABLE_NO_HEADINGS, _TABLE_OPTION_COUNT };

/* Writes it to standard output, in the style that these options, the terminal and the environment
 * ask for. As table_write(). */
int table_print(const Table *table, const Call *call);

/* Waits between two times that something is shown, as by top(1), and on a terminal begins anew at
 * its top. Returns false when standard output takes nothing any more. */
bool output_next_round(unsigned seconds);

/* Returns whether what is written to standard error is seen on a terminal. */
bool output_errors_are_seen(void);

/* Prints JSON, indented. Returns 0 or -ENOMEM. */
int output_json(json_object *value);

/* Prints a line. On a terminal, control characters are shown. */
void output_line(const char *line);

/* Prints the text of a file, with a newline at its end. On a terminal, control characters but
 * newlines and tabs are shown. */
void output_text(const char *text, size_t size);
