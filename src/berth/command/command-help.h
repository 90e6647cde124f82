/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The help of the command and of each verb, from the verbs' tables. */
#pragma once

#include "berth/command/verb.h"

/* Prints which commands there are. */
void help_print(FILE *stream, const Verb *const verbs[], size_t count);

/* Prints how the verb is used, on standard output. */
void help_print_verb(const Verb *verb);
