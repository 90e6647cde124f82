/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values in files of compose. */
#pragma once

#include "start/import/imported.h"
#include "start/yaml/yaml-tree.h"

/* A file of compose that is being read. */
typedef struct Compose {
        const YamlNode *root;
        const char *directory; /* that relative paths are below */
        const char *project;
        Diagnostics *diagnostics;
        Imported *files;
        bool default_network; /* some service is on the project's own */
} Compose;

typedef struct ComposeService {
        Compose *compose;
        ImportedFile *file; /* what was short of memory is in its lines */
} ComposeService;

/* Puts the environment's variables in for "${NAME}", "$NAME", "${NAME:-DEFAULT}", "${NAME-DEFAULT}"
 * and "$$", in every text of the tree, and makes sure that keys are one line each. Returns 0, also
 * with errors in the diagnostics, or -ENOMEM. */
int compose_interpolate(YamlNode *node, Diagnostics *diagnostics);

/* Returns the text, or NULL with an error when it is a list, a map, null, or has a line break in
 * it. Borrowed. */
const char *compose_text(const YamlNode *node, const char *word, Diagnostics *diagnostics);

/* Returns 1 or 0, or -EREPORTED when it is no boolean. */
int compose_bool(const YamlNode *node, const char *word, Diagnostics *diagnostics);

/* Says that a word is left out. */
void compose_left_out(const Location *where, const char *word, const char *why, Diagnostics *diagnostics);

/* Returns whether the word is one of the list, which ends with NULL. */
bool compose_word_is(const char *word, const char *const list[]);
