/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of [Service] that confine, as systemd.exec(5) has them: how each reaches the container,
 * and what a file says by them. */
#pragma once

#include "source/ini-file.h"
#include "source/specifiers.h"

typedef enum SandboxWay {
        SANDBOX_INHERITED,
        SANDBOX_TRANSLATED,
        SANDBOX_GIVEN,
        SANDBOX_REFUSED,
} SandboxWay;

/* A line of sandbox.def, which says what its members mean. All is static. */
typedef struct SandboxKey {
        const char *name;
        SandboxWay way;
        const char *values, *instead;
} SandboxKey;

/* The line of a key of [Service], or NULL when it is none that confines. */
const SandboxKey *sandbox_key_find(const char *name);

/* Whether systemd is told of the key: all but the inherited ones are kept from it. */
bool sandbox_key_is_passed_on(const char *name);

/* Says what is wrong with such an assignment: a value that is none, and what cannot be had. */
void sandbox_check(const SandboxKey *key, const Entry *entry, Diagnostics *diagnostics);

/* Appends an assignment of `section` for what one of its keys stands for: BindPaths= is Volume=,
 * PrivateNetwork= is Network=none. Each has the place of the line that it comes from. Returns 0
 * (also with diagnostics) or -ENOMEM. To be called before the section is parsed. */
int sandbox_translate(UnitFile *unit, const char *section, const SpecifierContext *specifiers,
                      Diagnostics *diagnostics);

/* The last assignment of a key in [Service], or NULL when there is none, or an empty one took it
 * back. Borrowed. */
const Entry *sandbox_find(const UnitFile *unit, const char *key);

/* Whether the last assignment of the key says yes. */
bool sandbox_is_on(const UnitFile *unit, const char *key);

/* Whether the last assignment of the key is this word. */
bool sandbox_says(const UnitFile *unit, const char *key, const char *word);

/* A word of a list; what is `inverted` stands in a line that begins with "~", which is not part of
 * the word. */
typedef struct SandboxWord {
        const char *text;
        Location where;
        bool inverted;
} SandboxWord;

typedef int (*SandboxWordFunction)(const SandboxWord *word, void *userdata);

/* Calls the function for the words of all assignments of the key since the last empty one. Returns
 * 0, what a call returned when it was negative, or -ENOMEM; what is wrong with quotes ends that
 * line. */
int sandbox_each_word(const UnitFile *unit, const char *key, SandboxWordFunction function, void *userdata);

/* What is left of a path of systemd's when its prefixes "-" and "+" are off. */
const char *sandbox_path(const char *word);
