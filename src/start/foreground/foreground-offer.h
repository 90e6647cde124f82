/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A berth run that waits for its container, as both ends know it: a socket below PLACE_FOREGROUND,
 * at which the unit's ExecStart= asks for the payload's standard streams, and says that it runs.
 * Who can reach it is root, or the user whose containers they are. */
#pragma once

#include "basic/macro.h"

enum {
        FOREGROUND_STDIN,
        FOREGROUND_STDOUT,
        FOREGROUND_STDERR,
        _FOREGROUND_STREAM_COUNT,

        FOREGROUND_PATH_MAX = 100, /* what there is room for in the name of a socket */
};

/* What it answers, with the three streams as descriptors: with a terminal the last is the runtime's
 * alone. */
typedef struct ForegroundOffer {
        char console[FOREGROUND_PATH_MAX]; /* a socket for the container's terminal; "": it has none */
} ForegroundOffer;
