/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line, which is the same for every verb: its options and arguments, its help, and the
 * end of standard output. */
#pragma once

#include "berth/command/verb.h"

/* Runs the verb that the command line names, or shows the help. Returns the exit status, which is
 * that of a failure also when standard output did not take everything. */
int command_main(const Verb *const verbs[], size_t count, int argc, char **argv);
