/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second word of a verb that has such. */
#pragma once

#include "berth/command/verb.h"

/* Finds the subcommand that the first argument names, or the verb alone. Returns -1, or the exit
 * status with what is wrong said: there is none, or arguments or options do not go with it. */
int subcommand_choose(const Call *call, const Subcommand **ret);
