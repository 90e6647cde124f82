/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A second word of a verb: "save" of "berth images save". */
#pragma once

#include "berth/command/verb.h"

typedef struct Subcommand {
        const char *name;     /* "" for the verb alone, which is the first */
        const char *synopsis; /* what follows the name, for who has left something out */
        size_t least, most;   /* arguments behind the name */
        uint32_t options;     /* a bit for each of the verb's options that goes with it */
        int (*run)(const Call *call); /* returns the exit status */
} Subcommand;

/* Runs that of `count` which the first argument names, or the verb alone, unless the arguments or
 * options are not what it takes. Returns the exit status. */
int subcommand_run(const Call *call, const Subcommand *subcommands, size_t count);
