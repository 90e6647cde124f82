/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads TOML (toml.io, version 1.0): the files of the containers project are written in it, and
 * Debian has no library for C that does. All of the syntax is checked; what is given out is text
 * and lists of text, since nobody asks for a number or a date. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"

typedef enum TomlKind {
        TOML_STRING,
        TOML_STRINGS, /* an array of nothing else; may be empty */
        TOML_OTHER,
} TomlKind;

/* One key with its value. All is borrowed. */
typedef struct TomlValue {
        const StringList *path; /* the names that lead to it, its tables' first: "aliases", "nginx" */
        TomlKind kind;
        const StringList *strings;
        Location where; /* without a column */
} TomlValue;

/* Returns 0 or a negative number, which ends the reading. */
typedef int (*TomlHandler)(const TomlValue *value, void *userdata);

/* Hands every value of the text to `handle`, in order. `file` is its name in diagnostics. That a
 * name is given twice is not looked for. Returns 0, -EREPORTED with a diagnostic that says the line
 * where the text is no TOML, -ENOMEM, or what `handle` has returned. */
int toml_read(const char *text, size_t size, const char *file, Diagnostics *diagnostics, TomlHandler handle,
              void *userdata);

/* The same for a file of at most 1 MiB; one that cannot be read is a diagnostic as well. Returns 1
 * when it was read, 0 when there is none, or a negative number as above. */
int toml_read_file(const char *path, Diagnostics *diagnostics, TomlHandler handle, void *userdata);
