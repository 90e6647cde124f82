/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes of a container between the moment that CRIU has written down and the one when the
 * checkpoint has its name: frozen, so that they either go on, and there is no checkpoint, or are
 * ended, and it is whole. Whoever finds them so can tell which, also when whoever froze them was
 * killed. */
#pragma once

#include <stdbool.h>

#include "basic/alloc.h"

typedef struct Hold {
        int group_fd; /* of the control group that all of them are in; -EBADF: they are not held */
        int lock_fd;  /* of the directory of the container's checkpoints */
        int new_fd;   /* of the checkpoint that is being written there */
        char *upper;  /* where the upper directory of its root was, NULL: it has none */
        char *place;  /* where it is in the checkpoint: both paths, of any mount namespace */
} Hold;

#define HOLD_INIT { .group_fd = -EBADF, .lock_fd = -EBADF, .new_fd = -EBADF }

/* Opens the control group that the container's processes are in. Returns an fd, -ENOENT when it is
 * not where it is looked for, or another -errno. */
int hold_open_group(const char *control_group);

/* Freezes them. CRIU lets them go on for what it does, and has them be frozen again before it lets
 * go of them. Returns 0 or -errno. */
int hold_begin(const Hold *hold);

/* Whether they are frozen. */
bool hold_is_held(const Hold *hold);

/* Whether the checkpoint has got its name: then no process may go on. */
bool hold_is_named(const Hold *hold);

/* Takes the upper directory into the checkpoint, if there is one. Returns 0 or -errno. */
int hold_take_upper(const Hold *hold);

/* They go on, with what was taken from them. Returns 0 or -errno. */
int hold_release(const Hold *hold);

/* They are ended. Returns 0 or -errno. */
int hold_end(const Hold *hold);

void hold_done(Hold *hold);
#define _cleanup_hold_ _cleanup_(hold_done)
