/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A reader of TOML: one pass, without a tree. */
#include "source/toml.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/text.h"

#define BARE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define BLANK " \t"

enum { DEPTH_MAX = 32 }; /* arrays and tables in each other: each is a call of our own */

typedef struct Reader {
        const char *p; /* the text ends with NUL, and has none before */
        unsigned line;
        unsigned depth;
        const char *file;
        Diagnostics *diagnostics;
        StringList path; /* of the value that is being read */
        TomlHandler handle;
        void *userdata;
} Reader;

static int refuse(const Reader *reader, const char *what) {
        const Location where = { .file = reader->file, .line = reader->line };

        return diagnose_error(reader->diagnostics, &where, "%s", what);
}

static void skip_blank(Reader *reader) {
        reader->p += strspn(reader->p, BLANK);
}

/* Returns whether there was the end of a line. */
static bool skip_newline(Reader *reader) {
        size_t n = reader->p[0] == '\r' && reader->p[1] == '\n' ? 2 : reader->p[0] == '\n';

        reader->p += n;
        reader->line += n > 0;
        return n > 0;
}

static int skip_comment(Reader *reader) {
        if (*reader->p != '#')
                return 0;
        for (reader->p++; *reader->p && *reader->p != '\n' && !(reader->p[0] == '\r' && reader->p[1] == '\n');
             reader->p++)
                if (((unsigned char) *reader->p < ' ' && *reader->p != '\t') || *reader->p == 0x7f)
                        return refuse(reader, "there is a control character in a comment");
        return 0;
}

/* Blanks, comments and ends of lines. */
static int skip_all(Reader *reader) {
        int r;

        do {
                skip_blank(reader);
                r = skip_comment(reader);
        } while (r >= 0 && skip_newline(reader));
        return r;
}

/* Strings */

static int read_code_point(Reader *reader, size_t digits, Text *text) {
        uint32_t point = 0;

        for (size_t i = 0; i < digits; i++, reader->p++) {
                static const char hexadecimal[] = "0123456789abcdef0123456789ABCDEF";
                const char *digit = *reader->p ? strchr(hexadecimal, *reader->p) : NULL;

                if (!digit)
                        return refuse(reader, "an escape has too few hexadecimal digits");
                point = point << 4 | (uint32_t) ((digit - hexadecimal) & 15);
        }
        if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
                return refuse(reader, "an escape stands for no character of a text");
        text_append_code_point(text, point);
        return 0;
}

static int read_escape(Reader *reader, Text *text) {
        static const char names[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
        char c = *reader->p;
        const char *name = c ? strchr(names, c) : NULL;

        if (!name && c != 'u' && c != 'U')
                return refuse(reader, "there is an unknown escape in a string");
        reader->p++;
        if (!name)
                return read_code_point(reader, c == 'u' ? 4 : 8, text);
        text_append_char(text, meanings[name - names]);
        return 0;
}

/* A backslash at the end of a line of several takes white space away up to the next text. Returns
 * whether it was one. */
static bool skip_continuation(Reader *reader) {
        const char *end = reader->p + strspn(reader->p, BLANK);

        if (*end != '\n' && !(end[0] == '\r' && end[1] == '\n'))
                return false;
        do
                skip_blank(reader);
        while (skip_newline(reader));
        return true;
}

static int read_character(Reader *reader, bool literal, bool lines, Text *text) {
        unsigned char c = (unsigned char) *reader->p;

        if (lines && skip_newline(reader)) {
                text_append_char(text, '\n');
                return 0;
        }
        if ((c < ' ' && c != '\t') || c == 0x7f)
                return refuse(reader, c && c != '\n' && c != '\r' ? "there is a control character in a string"
                                                                  : "a string has no closing quote");
        reader->p++;
        if (c == '\\' && !literal)
                return lines && skip_continuation(reader) ? 0 : read_escape(reader, text);
        text_append_char(text, (char) c);
        return 0;
}

/* Up to two quotes may stand before the three that end a string of several lines. */
static bool at_end(Reader *reader, char quote, bool lines, Text *text) {
        if (*reader->p != quote)
                return false;
        if (!lines) {
                reader->p++;
                return true;
        }
        if (reader->p[1] != quote || reader->p[2] != quote)
                return false;
        for (int i = 0; i < 2 && reader->p[3] == quote; i++, reader->p++)
                text_append_char(text, quote);
        reader->p += 3;
        return true;
}

/* `lines`: it may be one of several lines, in three quotes. */
static int read_string(Reader *reader, bool lines, char **ret) {
        _cleanup_text_ Text text = {};
        char quote = *reader->p;
        int r = 0;

        lines = lines && reader->p[1] == quote && reader->p[2] == quote;
        reader->p += lines ? 3 : 1;
        if (lines)
                (void) skip_newline(reader);
        while (r >= 0 && !at_end(reader, quote, lines, &text))
                r = read_character(reader, quote == '\'', lines, &text);
        return r < 0 ? r : text_take(&text, ret);
}

static bool is_quote(char c) {
        return c == '"' || c == '\'';
}

/* Keys */

static void forget_from(StringList *list, size_t count) {
        while (list->count > count)
                free(list->items[--list->count]);
        if (list->items)
                list->items[count] = NULL;
}

/* Appends the names of "a.b.c" to the path. */
static int read_key(Reader *reader) {
        for (;;) {
                size_t n = strspn(reader->p, BARE);
                char *name = NULL;
                int r = 0;

                if (is_quote(*reader->p))
                        r = read_string(reader, false, &name);
                else if (n == 0)
                        r = refuse(reader, "there is no key");
                else {
                        r = (name = strndup(reader->p, n)) ? 0 : -ENOMEM;
                        reader->p += n;
                }
                if (r >= 0)
                        r = string_list_take(&reader->path, name);
                if (r < 0)
                        return r;
                skip_blank(reader);
                if (*reader->p != '.')
                        return 0;
                reader->p++;
                skip_blank(reader);
        }
}

/* Values */

static int read_value(Reader *reader, TomlKind *ret_kind, StringList *strings);

/* true, false, a number, a date or a time. */
static int skip_scalar(Reader *reader) {
        size_t n = strcspn(reader->p, BLANK ",]}#\r\n");
        bool known = (n == 4 && strncmp(reader->p, "true", n) == 0) || (n == 5 && strncmp(reader->p, "false", n) == 0),
             sign = *reader->p == '-' || *reader->p == '+';
        const char *digits = reader->p + sign;

        known = known || (n == 3u + sign && (strncmp(digits, "inf", 3) == 0 || strncmp(digits, "nan", 3) == 0)) ||
                (n > sign && *digits >= '0' && *digits <= '9' && strspn(digits, BARE "+.:") >= n - sign);
        if (!known)
                return refuse(reader, "there is no value of TOML");
        reader->p += n;
        return 0;
}

static int read_array(Reader *reader, TomlKind *ret_kind, StringList *strings) {
        TomlKind kind = TOML_STRINGS;
        int r;

        reader->p++;
        for (;;) {
                TomlKind item;

                r = skip_all(reader);
                if (r < 0 || *reader->p == ']')
                        break;
                r = read_value(reader, &item, strings);
                if (r >= 0)
                        r = skip_all(reader);
                if (r < 0)
                        return r;
                if (item != TOML_STRING)
                        kind = TOML_OTHER;
                if (*reader->p == ']')
                        break;
                if (*reader->p != ',')
                        return refuse(reader, "an array has no closing bracket");
                reader->p++;
        }
        if (r < 0)
                return r;
        reader->p++;
        *ret_kind = kind;
        return 0;
}

/* "KEY = VALUE", given out. The path is as before then. */
static int read_assignment(Reader *reader) {
        _cleanup_string_list_ StringList strings = {};
        TomlValue value = { .path = &reader->path, .strings = &strings,
                            .where = { .file = reader->file, .line = reader->line } };
        size_t before = reader->path.count;
        int r;

        r = read_key(reader);
        if (r >= 0 && *reader->p != '=')
                r = refuse(reader, "there is no \"=\" behind a key");
        if (r < 0)
                return r;
        reader->p++;
        skip_blank(reader);
        r = read_value(reader, &value.kind, &strings);
        if (r >= 0)
                r = reader->handle(&value, reader->userdata);
        forget_from(&reader->path, before);
        return r < 0 ? r : 0;
}

/* On one line. */
static int read_table(Reader *reader) {
        int r = 0;

        reader->p++;
        skip_blank(reader);
        if (*reader->p == '}') {
                reader->p++;
                return 0;
        }
        for (;;) {
                r = read_assignment(reader);
                if (r < 0)
                        return r;
                skip_blank(reader);
                if (*reader->p == '}') {
                        reader->p++;
                        return 0;
                }
                if (*reader->p != ',')
                        return refuse(reader, "a table has no closing brace");
                reader->p++;
                skip_blank(reader);
        }
}

static int read_nested(Reader *reader, TomlKind *ret_kind, StringList *strings) {
        int r;

        if (reader->depth >= DEPTH_MAX)
                return refuse(reader, "arrays and tables are nested too deeply");
        reader->depth++;
        *ret_kind = TOML_OTHER;
        r = *reader->p == '[' ? read_array(reader, ret_kind, strings) : read_table(reader);
        reader->depth--;
        return r;
}

/* Strings are appended, those of arrays in arrays as well. */
static int read_value(Reader *reader, TomlKind *ret_kind, StringList *strings) {
        char *string;
        int r;

        if (*reader->p == '[' || *reader->p == '{')
                return read_nested(reader, ret_kind, strings);
        *ret_kind = is_quote(*reader->p) ? TOML_STRING : TOML_OTHER;
        if (*ret_kind == TOML_OTHER)
                return skip_scalar(reader);
        r = read_string(reader, true, &string);
        return r < 0 ? r : string_list_take(strings, string);
}

/* "[a.b]" or "[[a.b]]". */
static int read_header(Reader *reader) {
        size_t brackets = reader->p[1] == '[' ? 2 : 1;
        int r;

        forget_from(&reader->path, 0);
        reader->p += brackets;
        skip_blank(reader);
        r = read_key(reader);
        if (r < 0)
                return r;
        if (strncmp(reader->p, "]]", brackets) != 0)
                return refuse(reader, "a table's name has no closing bracket");
        reader->p += brackets;
        return 0;
}

static int read_all(Reader *reader) {
        int r;

        while ((r = skip_all(reader)) >= 0 && *reader->p) {
                r = *reader->p == '[' ? read_header(reader) : read_assignment(reader);
                if (r < 0)
                        return r;
                skip_blank(reader);
                if (*reader->p && !strchr("#\r\n", *reader->p))
                        return refuse(reader, "there is something behind the end of a value");
                r = skip_comment(reader);
                if (r < 0)
                        return r;
                if (!skip_newline(reader) && *reader->p)
                        return refuse(reader, "a line ends with a carriage return alone");
        }
        return r;
}

int toml_read(const char *text, size_t size, const char *file, Diagnostics *diagnostics, TomlHandler handle,
              void *userdata) {
        _cleanup_free_ char *copy = strndup(text, size);
        Reader reader = { .p = copy, .line = 1, .file = file, .diagnostics = diagnostics, .handle = handle,
                          .userdata = userdata };
        int r;

        if (!copy)
                return -ENOMEM;
        if (!utf8_is_valid(text, size))
                return diagnose_error(diagnostics, &(Location) { .file = file }, "it is no text in UTF-8");
        r = read_all(&reader);
        string_list_done(&reader.path);
        return r;
}

int toml_read_file(const char *path, Diagnostics *diagnostics, TomlHandler handle, void *userdata) {
        enum { SIZE_MOST = 1024 * 1024 };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = read_file_at(AT_FDCWD, path, SIZE_MOST, &text, &size);
        if (r == -ENOENT || r == -ENOTDIR)
                return 0;
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return diagnose_error(diagnostics, &(Location) { .file = path }, "it cannot be read: %s",
                                      strerror(-r));
        r = toml_read(text, size, path, diagnostics, handle, userdata);
        return r < 0 ? r : 1;
}
