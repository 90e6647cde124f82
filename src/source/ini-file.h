/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of an INI file, as systemd.syntax(7) has it, turned into an ordered list of assignments
 * with their places. The only user of inih. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"

/* A physical line's share of a value: the bytes from `offset` on come from `line`, beginning at
 * `column`. */
typedef struct EntryPiece {
        size_t offset;
        unsigned line;
        unsigned column;
} EntryPiece;

typedef struct Entry {
        const char *section; /* borrowed from the UnitFile */
        char *key;
        char *value;    /* lines joined, surrounding white space removed; "" is a reset */
        Location where; /* of the key; file is borrowed from the UnitFile */
        EntryPiece *pieces; /* at least one, by offset */
        size_t piece_count;
} Entry;

/* Zero-initialise with {}. Several files may be read into one, in order: a unit and its
 * drop-ins. */
typedef struct UnitFile {
        Entry *entries;
        size_t count;
        size_t allocated;
        StringList sections; /* interned names */
        StringList files;
} UnitFile;

/* The largest file that is read, the same as systemd's longest line. */
#define UNIT_FILE_SIZE_MAX ((size_t) 1024 * 1024)

/* Reads the text of a file, not NULL, and appends what it holds; `name` is the file's name in
 * diagnostics. A malformed line is reported and skipped, as is everything below a malformed section
 * header. Refused: invalid UTF-8 (but in comments), NUL, a carriage return that does not end a line
 * (to systemd it would), assignments outside of a section, a line that is neither section, comment
 * nor assignment, ":" as separator, junk behind "[Section]". A continuation at the end of the file
 * is accepted, as by systemd. After 100 errors the rest is not read. Returns 0 (also with
 * diagnostics), -EFBIG for more than UNIT_FILE_SIZE_MAX, when nothing was appended, or -ENOMEM. */
int unit_file_read(UnitFile *unit, const char *data, size_t size, const char *name, Diagnostics *diagnostics);

/* Appends an assignment that stands nowhere as such: `where` is the place that it goes back to, in
 * one of the unit's files. `section` is one of the unit's, and borrowed as it is. Returns 0 or
 * -ENOMEM. */
int unit_file_add(UnitFile *unit, const char *section, const char *key, const char *value, const Location *where);

/* The place in the file of byte `offset` of the entry's value. */
Location entry_location(const Entry *entry, size_t offset);

/* Replaces the part of the value at `offset`, `size` bytes and not none, by a text. The places of
 * what is before and behind it stay right. Returns 0 or -ENOMEM. */
int entry_replace(Entry *entry, size_t offset, size_t size, const char *text);

bool unit_file_has_section(const UnitFile *unit, const char *section);

void unit_file_done(UnitFile *unit);
#define _cleanup_unit_file_ _cleanup_(unit_file_done)
