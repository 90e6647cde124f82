/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking a checkpoint of a container that runs. */
#pragma once

#include "basic/diagnostics.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/stand-in.h"

typedef struct CheckpointTaking {
        CheckpointOptions options; /* keep: CRIU's log and statistics, too */
        bool leave_running;
        /* Only memory, while it runs on, for the next checkpoint to write less: all of it, or what
         * has changed since the last time. */
        bool pre, track;
        /* By the unit's own stop, which may take as long as CRIU gets anywhere: a start that cannot
         * restore it begins anew. */
        bool in_stop;
        /* Without both: what is the unit's main process now, until its stop, which is the caller's
         * to ask for. */
        StandIn stand_in;
} CheckpointTaking;

#define CHECKPOINT_TAKING_INIT { .stand_in = STAND_IN_INIT }

/* Takes one, in place of an earlier one; what is wrong goes to `diagnostics`. When it cannot be
 * taken, the container runs on; when it has been, and whoever did so is killed, it does not, unless
 * it has TCP connections. Returns 0, -EREPORTED, or another -errno. */
int checkpoint_take(const char *stem, CheckpointTaking *taking, Diagnostics *diagnostics);
