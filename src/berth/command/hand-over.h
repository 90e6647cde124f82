/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verbs that are systemd's: its own commands do them, with the units' names. */
#pragma once

#include "basic/string-list.h"
#include "berth/command/verb.h"

/* Appends the options that were given, as "--name" or "--name=value". Returns 0 or -ENOMEM. */
int hand_over_options(const Call *call, StringList *command);

/* Appends the units that the arguments mean, each with `prefix` before it. Returns 0, -EREPORTED,
 * with what is wrong logged, or -ENOMEM. */
int hand_over_units(const Call *call, const char *prefix, StringList *command);

/* Becomes the command, unless `r`, what has been returned so far, is negative. Returns the exit
 * status when that did not work, with what is wrong logged. */
int hand_over(int r, const StringList *command);
