/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that other programs' descriptions become. Nothing here is written anywhere. */
#pragma once

#include "basic/text.h"

typedef enum ImportedSection {
        IMPORTED_UNIT,
        IMPORTED_OWN, /* [Container], [Volume] … */
        IMPORTED_SERVICE,
        IMPORTED_INSTALL,
        _IMPORTED_SECTION_COUNT,
} ImportedSection;

typedef struct ImportedFile {
        char *name;          /* "web.container" */
        const char *section; /* "Container"; static */
        Text lines[_IMPORTED_SECTION_COUNT];
} ImportedFile;

/* Zero-initialise with {}. */
typedef struct Imported {
        ImportedFile **items; /* in the order in which they were made; each is owned, and stays where it is */
        size_t count, allocated;
} Imported;

/* Adds a file. Returns it, borrowed, or NULL when memory is short. */
ImportedFile *imported_add(Imported *imported, const char *stem, const char *ending, const char *section);

/* Returns the file of that name, borrowed, or NULL. */
ImportedFile *imported_find(const Imported *imported, const char *name);

/* Append "KEY=VALUE": a value as a whole, or one word, or what is neither expanded nor quoted. What
 * would mean something in a value stands for itself. */
void imported_set(ImportedFile *file, ImportedSection section, const char *key, const char *value);
void imported_add_word(ImportedFile *file, ImportedSection section, const char *key, const char *word);
void imported_add_line(ImportedFile *file, ImportedSection section, const char *key, const char *line);

/* Appends the value as imported_set() would. */
void imported_append_escaped(Text *text, const char *value);

/* Appends the file's text. */
void imported_write(const ImportedFile *file, Text *text);

void imported_done(Imported *imported);
#define _cleanup_imported_ _cleanup_(imported_done)
