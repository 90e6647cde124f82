/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line, which is the same for every verb: its options and arguments, its help, what is
 * said of mistakes, and the end of standard output. */
#pragma once

#include "berth/command/verb.h"

/* Runs the verb that the command line names, or shows the help. Returns the exit status, which is
 * that of a failure also when standard output did not take everything. */
int command_main(const Verb *const verbs[], size_t count, int argc, char **argv);

/* Says what is wrong with the command line, and where its help is. Returns EXIT_USAGE. */
int command_misused(const Call *call, const char *format, ...) _printf_(2, 3);

/* Says that the verb has no such command as this second word, or what to type instead of what
 * podman(1) and docker(1) have by that name. Returns EXIT_USAGE. */
int command_no_such_word(const Call *call, const char *word);
