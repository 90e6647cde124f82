/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process ID that can be named though its process is gone. journald asks the kernel in which unit
 * the sender of a line is; when it finds no process it takes the unit that the stream's header
 * names. That is what the last lines of a dead container need. */
#pragma once

#include <sys/types.h>

typedef struct Ghost {
        pid_t pid;
} Ghost;

/* Makes a ghost, with an ID that no process has. To be called in a child subreaper. Returns 0 or
 * -errno. */
int ghost_raise(Ghost *ret);

void ghost_done(Ghost *ghost);
#define _cleanup_ghost_ _cleanup_(ghost_done)
