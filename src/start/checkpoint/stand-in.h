/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process that is a unit's main process while a checkpoint of the container is taken. CRIU kills
 * what it has written down, which would be a failure of the unit; its stand-in ends in peace when
 * systemd stops the unit. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"
#include "start/checkpoint/checkpoint-hold.h"

typedef struct StandIn {
        const char *unit_name; /* borrowed */
        pid_t main_pid, pid;
        /* To tell it things. When all copies of it are closed, untold, all goes back to what it
         * was, or the checkpoint is there and the container's processes are ended. */
        int fd;
} StandIn;

#define STAND_IN_INIT { .fd = -EBADF }

/* Starts one in the unit's control group, and makes it the unit's main process in place of
 * `main_pid`. It has what is held for as long as it is not said that all of it can be left: also
 * the lock. Returns 0, -ETIMEDOUT when systemd does not take it, or another -errno. */
int stand_in_begin(const char *unit_name, const char *control_group, pid_t main_pid, const Hold *hold,
                   StandIn *ret);

/* Has the programs that this process runs from now on hold the stand-in as well, or no longer: it
 * must not give back what is about to be killed, when this process is. Returns 0 or -errno. */
int stand_in_share(const StandIn *stand_in, bool share);

/* Makes the container's first process the unit's main process again, and ends the other. Returns 0,
 * or as above. */
int stand_in_give_back(StandIn *stand_in);

/* Has it stay until systemd stops the unit: there is nothing left to go back to. */
void stand_in_leave(StandIn *stand_in);

/* If none of both was called: it gives back by itself, when there still is a process. */
void stand_in_done(StandIn *stand_in);
#define _cleanup_stand_in_ _cleanup_(stand_in_done)
