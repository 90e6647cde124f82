/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values in files of compose. */
#pragma once

#include "start/import/imported.h"
#include "start/import/compose-variables.h"

/* A file of compose that is being read. */
typedef struct Compose {
        const YamlNode *root;
        const char *directory; /* that relative paths are below */
        const StringList *variables;
        const char *project;
        Diagnostics *diagnostics;
        Imported *files;
        bool default_network; /* some service is on the project's own */
} Compose;

typedef struct ComposeService {
        Compose *compose;
        const YamlNode *node;
        const char *name;
        ImportedFile *file; /* what was short of memory is in its lines */
} ComposeService;

/* Returns the text, or NULL with an error when it is a list, a map, null, or has a line break in
 * it. Borrowed. */
const char *compose_text(const YamlNode *node, const char *word, Diagnostics *diagnostics);

/* Returns 1 or 0, or -EREPORTED when it is no boolean. */
int compose_bool(const YamlNode *node, const char *word, Diagnostics *diagnostics);

/* Says that a word is left out. */
void compose_left_out(const Location *where, const char *word, const char *why, Diagnostics *diagnostics);

/* Returns whether the word is one of the list, which ends with NULL. */
bool compose_word_is(const char *word, const char *const list[]);

/* The same for a word of a service: its value as a text; that as the value of a key; that it is
 * left out; what it must be. */
const char *compose_item_text(const ComposeService *service, const YamlItem *item);
void compose_add_text(const ComposeService *service, const YamlItem *item, const char *key);
void compose_leave_out(const ComposeService *service, const YamlItem *item, const char *why);
void compose_refuse(const ComposeService *service, const YamlNode *node, const char *word, const char *what);
