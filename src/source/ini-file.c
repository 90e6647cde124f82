/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of an INI file, turned into an ordered list of assignments with their places.
 *
 * inih, as distributions build it, cuts lines at 200 bytes, values at " ;" and section names at 50,
 * takes ":" for "=" and an indented line for more of the one before, does not join lines, and tells
 * of none of this. So it is never shown a value: the reader below does everything that concerns the
 * text itself, puts each assignment into the table of entries, and hands inih "[<section's index>]"
 * and "Key=<entry's index>" instead, one short line for each physical one. */
#include "source/ini-file.h"

#include <errno.h>
#include <ini.h>

#include "basic/text.h"

#define WHITE_SPACE " \t\n\r"

enum {
        KEY_LONGEST = 128, /* with "=", an index and a newline inside of inih's 200 bytes */
        ERRORS_MOST = 100,
        SECTIONS_MOST = 1000,
};

typedef enum SectionState {
        SECTION_NONE,
        SECTION_GOOD,
        SECTION_BAD, /* reported; what belongs to it is not reported again */
} SectionState;

typedef struct Reader {
        UnitFile *unit;
        Diagnostics *diagnostics;
        const char *file;
        const char *rest, *end; /* of the text */
        unsigned line;
        SectionState section;
        size_t section_index;
        Text logical; /* the lines joined so far */
        EntryPiece *pieces;
        size_t piece_count, pieces_allocated;
        bool continued; /* the last line ended in a backslash */
        bool bad;       /* something in the logical line was reported */
        unsigned errors;
        size_t handled; /* the entries up to here came back from inih */
        int error;
} Reader;

static Location locate(const char *file, const EntryPiece *pieces, size_t count, size_t offset) {
        size_t i = count;

        while (i > 1 && pieces[i - 1].offset > offset)
                i--;
        return (Location) {
                .file = file,
                .line = pieces[i - 1].line,
                .column = pieces[i - 1].column + (unsigned) (offset - pieces[i - 1].offset),
        };
}

/* Reports a fault of the logical line. */
static void report(Reader *r, const Location *where, const char *message) {
        r->bad = true;
        diagnose_error(r->diagnostics, where, "%s", message);
        if (++r->errors == ERRORS_MOST) {
                diagnose_error(r->diagnostics, where, "too many errors, the rest of the file is not read");
                r->rest = r->end;
        }
}

static void report_at(Reader *r, size_t offset, const char *message) {
        Location where = locate(r->file, r->pieces, r->piece_count, offset);
        report(r, &where, message);
}

/* Checks one physical line that begins at `column`. */
static void check_bytes(Reader *r, const char *line, size_t n, unsigned column, bool comment) {
        const char *nul = memchr(line, '\0', n), *carriage_return = memchr(line, '\r', n);
        size_t valid = comment ? n : utf8_valid_prefix(line, n);
        Location where = { .file = r->file, .line = r->line };

        if (nul && (!carriage_return || nul < carriage_return)) {
                where.column = column + (unsigned) (nul - line);
                report(r, &where, "NUL byte");
        } else if (carriage_return) {
                where.column = column + (unsigned) (carriage_return - line);
                report(r, &where, "carriage return within a line");
        } else if (valid < n) {
                where.column = column + (unsigned) valid;
                report(r, &where, "invalid UTF-8");
        }
}

/* Without white space at its end, before which Quadlet, unlike systemd, knows a backslash. */
static size_t trimmed(const char *line, size_t n) {
        while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
                n--;
        return n;
}

/* Whether a line ends in a backslash that no other one escapes. */
static bool is_continued(const char *line, size_t n) {
        size_t backslashes = 0;

        while (backslashes < n && line[n - 1 - backslashes] == '\\')
                backslashes++;
        return backslashes % 2 == 1;
}

static int append_line(Reader *r, const char *line, size_t n, unsigned column) {
        int error = ARRAY_RESERVE(r->pieces, r->pieces_allocated, r->piece_count + 1);

        if (error < 0)
                return error;
        r->pieces[r->piece_count++] = (EntryPiece) { .offset = r->logical.length, .line = r->line, .column = column };
        r->continued = is_continued(line, trimmed(line, n));
        if (r->continued)
                n = trimmed(line, n);
        text_append_n(&r->logical, line, n - r->continued);
        if (r->continued)
                text_append_char(&r->logical, ' ');
        return r->logical.failed ? -ENOMEM : 0;
}

/* Takes the next physical line and appends it to the logical one, unless it is a comment. */
static int take_line(Reader *r) {
        const char *line = r->rest, *newline = memchr(line, '\n', (size_t) (r->end - line));
        size_t n = (size_t) ((newline ? newline : r->end) - line);
        const char *first;
        unsigned column = 1;
        bool comment;

        r->rest = newline ? newline + 1 : r->end;
        r->line++;
        if (r->line == 1 && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
                line += 3;
                n -= 3;
                column += 3;
        }
        if (n > 0 && line[n - 1] == '\r')
                n--;
        first = line;
        while (first < line + n && (*first == ' ' || *first == '\t'))
                first++;
        comment = first < line + n && (*first == '#' || *first == ';');
        check_bytes(r, line, n, column, comment);
        if (comment) {
                /* A comment is over with its line, also a bad one. */
                r->bad = r->bad && r->continued;
                return 0;
        }
        return append_line(r, line, n, column);
}

/* The index of `bytes` in the list, added when it is new. */
static int intern(StringList *list, const char *bytes, size_t n, size_t *ret) {
        int r;

        for (size_t i = 0; i < list->count; i++)
                if (strlen(list->items[i]) == n && memcmp(list->items[i], bytes, n) == 0) {
                        *ret = i;
                        return 0;
                }
        r = string_list_add_n(list, bytes, n);
        if (r < 0)
                return r;
        *ret = list->count - 1;
        return 0;
}

static int read_section(Reader *r, size_t start, size_t end) {
        const char *text = r->logical.data, *close = memchr(text + start, ']', end - start);
        int error;

        r->section = SECTION_BAD;
        if (!close) {
                report_at(r, start, "\"[\" without \"]\"");
                return 0;
        }
        if (close + 1 < text + end) {
                size_t after = (size_t) (close + 1 - text);
                report_at(r, after + strspn(text + after, WHITE_SPACE), "text after the section header");
                return 0;
        }
        if (close == text + start + 1) {
                report_at(r, start, "empty section name");
                return 0;
        }
        for (const char *p = text + start + 1; p < close; p++)
                if ((unsigned char) *p < 0x20 || *p == 0x7f || strchr("[\"'\\", *p)) {
                        report_at(r, (size_t) (p - text), "invalid character in the section name");
                        return 0;
                }
        if (r->unit->sections.count >= SECTIONS_MOST) {
                report_at(r, start, "too many sections");
                return 0;
        }
        error = intern(&r->unit->sections, text + start + 1, (size_t) (close - text) - start - 1, &r->section_index);
        if (error >= 0)
                r->section = SECTION_GOOD;
        return error;
}

/* Checks the key, which ends at `end`, where the "=" is or its white space. */
static void check_key(Reader *r, size_t start, size_t end) {
        const char *text = r->logical.data;

        if (start == end) {
                report_at(r, start, "missing key before \"=\"");
                return;
        }
        for (size_t i = start; i < end; i++) {
                const char *message = NULL;

                if (text[i] == ' ' || text[i] == '\t')
                        message = "white space in the key";
                else if (text[i] == ':')
                        message = "\":\" in the key (only \"=\" separates a key from its value)";
                else if (text[i] < 0x21 || text[i] > 0x7e)
                        message = "invalid character in the key";
                if (message) {
                        report_at(r, i, message);
                        return;
                }
        }
        if (end - start > KEY_LONGEST)
                report_at(r, start + KEY_LONGEST, "key longer than 128 bytes");
}

/* The pieces of the logical line that make up its bytes from `start` to `end`, counted from
 * there. */
static int take_pieces(const Reader *r, size_t start, size_t end, Entry *entry) {
        size_t first = 0, last;

        while (first + 1 < r->piece_count && r->pieces[first + 1].offset <= start)
                first++;
        last = first;
        while (last + 1 < r->piece_count && r->pieces[last + 1].offset < end)
                last++;
        entry->piece_count = last - first + 1;
        entry->pieces = calloc(entry->piece_count, sizeof(EntryPiece));
        if (!entry->pieces)
                return -ENOMEM;
        for (size_t i = 0; i < entry->piece_count; i++) {
                entry->pieces[i] = r->pieces[first + i];
                entry->pieces[i].offset -= i > 0 ? start : entry->pieces[i].offset;
        }
        entry->pieces[0].column += (unsigned) (start - r->pieces[first].offset);
        return 0;
}

static void entry_done(Entry *entry) {
        entry->key = x_free(entry->key);
        entry->value = x_free(entry->value);
        entry->pieces = x_free(entry->pieces);
}

/* Appends an entry without its section and key, which come back from inih. */
static int add_entry(Reader *r, size_t key, size_t start, size_t end) {
        UnitFile *unit = r->unit;
        Entry entry = { .where = locate(r->file, r->pieces, r->piece_count, key) };
        int error = ARRAY_RESERVE(unit->entries, unit->allocated, unit->count + 1);

        if (error < 0)
                return error;
        error = take_pieces(r, start, end, &entry);
        if (error < 0)
                return error;
        entry.value = strndup(r->logical.data + start, end - start);
        if (!entry.value) {
                entry_done(&entry);
                return -ENOMEM;
        }
        unit->entries[unit->count++] = entry;
        return 0;
}

static size_t trim_end(const char *text, size_t start, size_t end) {
        while (end > start && strchr(WHITE_SPACE, text[end - 1]))
                end--;
        return end;
}

/* Reads the logical line and formats the line for inih, which stays as it is (empty) when there is
 * nothing to hand on. */
static int read_logical(Reader *r, char *line, size_t size) {
        const char *text = r->logical.data, *equals;
        size_t start = strspn(text, WHITE_SPACE), end = trim_end(text, start, r->logical.length), key_end, value;
        int error;

        if (start == end)
                return 0;
        if (text[start] == '[') {
                error = read_section(r, start, end);
                if (error >= 0 && r->section == SECTION_GOOD)
                        snprintf(line, size, "[%zu]\n", r->section_index);
                return error;
        }
        if (r->section == SECTION_BAD)
                return 0;
        if (r->section == SECTION_NONE) {
                report_at(r, start, "assignment outside of a section");
                return 0;
        }
        equals = memchr(text + start, '=', end - start);
        if (!equals) {
                report_at(r, start, "missing \"=\"");
                return 0;
        }
        value = (size_t) (equals + 1 - text);
        key_end = trim_end(text, start, value - 1);
        check_key(r, start, key_end);
        if (r->bad)
                return 0;
        if (value < end)
                value += strspn(text + value, WHITE_SPACE);
        error = add_entry(r, start, value, end);
        if (error >= 0)
                snprintf(line, size, "%.*s=%zu\n", (int) (key_end - start), text + start, r->unit->count - 1);
        return error;
}

/* inih's fgets(): gives one line for each physical one, empty when that says nothing (yet). */
static char *next_line(char *line, int size, void *userdata) {
        Reader *r = userdata;
        bool at_end = r->rest == r->end;

        if (r->error < 0 || (at_end && !r->continued))
                return NULL;
        line[0] = '\n';
        line[1] = '\0';
        if (at_end)
                r->continued = false;
        else
                r->error = take_line(r);
        if (r->error < 0)
                return NULL;
        if (r->continued || r->piece_count == 0)
                return line;
        if (!r->bad)
                r->error = read_logical(r, line, (size_t) size);
        else if (r->logical.data[strspn(r->logical.data, WHITE_SPACE)] == '[')
                r->section = SECTION_BAD;
        r->logical.length = 0;
        r->piece_count = 0;
        r->bad = false;
        return r->error < 0 ? NULL : line;
}

/* inih's handler: puts section and key to the entry that `value` is the index of. */
static int handle(void *userdata, const char *section, const char *key, const char *value) {
        Reader *r = userdata;
        char *section_end, *value_end;
        size_t section_index, index;

        /* Some builds of inih announce sections. */
        if (!key)
                return 1;
        section_index = strtoul(section, &section_end, 10);
        index = value ? strtoul(value, &value_end, 10) : SIZE_MAX;
        if (index != r->handled || index >= r->unit->count || *value_end || section_index != r->section_index ||
            *section_end)
                return 0;
        r->unit->entries[index].section = r->unit->sections.items[section_index];
        r->unit->entries[index].key = strdup(key);
        if (!r->unit->entries[index].key) {
                r->error = -ENOMEM;
                return 0;
        }
        r->handled = index + 1;
        return 1;
}

/* The whole stream, up to UNIT_FILE_SIZE_MAX. */
int unit_file_read(UnitFile *unit, const char *data, size_t size, const char *name, Diagnostics *diagnostics) {
        Reader reader = { .unit = unit, .diagnostics = diagnostics, .handled = unit->count };
        size_t file;
        int r;

        if (size > UNIT_FILE_SIZE_MAX)
                return -EFBIG;
        r = intern(&unit->files, name, strlen(name), &file);
        if (r < 0)
                return r;
        reader.file = unit->files.items[file];
        reader.rest = data;
        reader.end = data + size;

        r = ini_parse_stream(next_line, &reader, handle, &reader);
        /* inih was given nothing that it could object to, but it is another's: an assignment must
         * not get lost in silence. */
        if (reader.error >= 0 && (r != 0 || reader.handled != unit->count)) {
                Location where = { .file = reader.file, .line = r > 0 ? (unsigned) r : 0 };
                diagnose_error(diagnostics, &where, "line not understood by the INI parser");
        }
        while (unit->count > reader.handled)
                entry_done(&unit->entries[--unit->count]);
        text_done(&reader.logical);
        free(reader.pieces);
        return reader.error;
}

int unit_file_add(UnitFile *unit, const char *section, const char *key, const char *value, const Location *where) {
        Entry entry = { .section = section, .where = *where, .piece_count = 1 };
        int r = ARRAY_RESERVE(unit->entries, unit->allocated, unit->count + 1);

        if (r < 0)
                return r;
        entry.key = strdup(key);
        entry.value = strdup(value);
        entry.pieces = calloc(1, sizeof(EntryPiece));
        if (!entry.key || !entry.value || !entry.pieces) {
                entry_done(&entry);
                return -ENOMEM;
        }
        entry.pieces[0] = (EntryPiece) { .line = where->line, .column = where->column };
        unit->entries[unit->count++] = entry;
        return 0;
}

Location entry_location(const Entry *entry, size_t offset) {
        return locate(entry->where.file, entry->pieces, entry->piece_count, offset);
}

/* Puts the place of what follows a part that is replaced down as a piece of its own, at `offset`,
 * and moves the later ones. */
static void move_pieces(Entry *entry, size_t offset, size_t old_size, size_t new_size, const Location *behind) {
        size_t i = 0;

        while (i < entry->piece_count && entry->pieces[i].offset < offset + old_size)
                i++;
        memmove(&entry->pieces[i + 1], &entry->pieces[i], (entry->piece_count - i) * sizeof(EntryPiece));
        entry->pieces[i] = (EntryPiece) { .offset = offset + new_size, .line = behind->line, .column = behind->column };
        entry->piece_count++;
        while (++i < entry->piece_count)
                entry->pieces[i].offset += new_size - old_size;
}

int entry_replace(Entry *entry, size_t offset, size_t size, const char *text) {
        Location behind = entry_location(entry, offset + size);
        size_t allocated = entry->piece_count;
        _cleanup_text_ Text value = {};
        char *joined;
        int r;

        text_append_n(&value, entry->value, offset);
        text_append(&value, text);
        text_append(&value, entry->value + offset + size);
        r = text_take(&value, &joined);
        if (r < 0)
                return r;
        if (ARRAY_RESERVE(entry->pieces, allocated, entry->piece_count + 1) < 0) {
                free(joined);
                return -ENOMEM;
        }
        move_pieces(entry, offset, size, strlen(text), &behind);
        free(entry->value);
        entry->value = joined;
        return 0;
}

bool unit_file_has_section(const UnitFile *unit, const char *section) {
        return string_list_contains(&unit->sections, section);
}

void unit_file_done(UnitFile *unit) {
        for (size_t i = 0; i < unit->count; i++)
                entry_done(&unit->entries[i]);
        unit->entries = x_free(unit->entries);
        unit->count = unit->allocated = 0;
        string_list_done(&unit->sections);
        string_list_done(&unit->files);
}
