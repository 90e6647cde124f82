/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "${NAME}", "$NAME" and "$$" in values that Quadlet puts on ExecStart=, where systemd expands them
 * from the service's environment: the rules of systemd.service(5), COMMAND LINES. Pure. */
#pragma once

#include "basic/string-list.h"

/* What the variables of a service stand for. */
typedef struct Variables {
        const StringList *assignments; /* "NAME=VALUE"; borrowed */
        bool complete; /* these are all, so that another one is unset; else its value is not known yet */
} Variables;

/* Returns whether every variable that `word` refers to is known: always, when `variables` is
 * complete. */
bool variables_are_known(const Variables *variables, const char *word);

/* Expands one word of a command line and appends what it becomes to `words`: of "$NAME", when it is
 * the whole word, the words of the value, which may be none; else one word, in which "${NAME}" is
 * replaced by the value and "$$" by "$". What is not set, or no variable's name, is empty, and
 * appended to `unset` as it is written; anything else behind a "$" stays. Returns 0 or -ENOMEM. */
int variables_expand_word(const Variables *variables, const char *word, StringList *words, StringList *unset);

/* The same for a word that is only a part of one on the command line ("label=type:" before it):
 * "$NAME" is nothing special. Returns 0 or -ENOMEM; the caller frees `ret`. */
int variables_expand_part(const Variables *variables, const char *part, char **ret, StringList *unset);

/* Returns the value of the variable, or NULL. */
const char *variables_find(const Variables *variables, const char *name);

/* Returns this process's own environment, which it borrows: do not free the list, nor change it. */
StringList variables_of_process(void);
