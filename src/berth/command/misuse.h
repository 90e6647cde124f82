/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of mistakes on the command line. */
#pragma once

#include "berth/command/verb.h"

/* Says what is wrong with the command line, and where its help is. Returns EXIT_USAGE. */
int command_misused(const Call *call, const char *format, ...) _printf_(2, 3);
