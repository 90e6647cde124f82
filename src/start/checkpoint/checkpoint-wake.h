/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A start that goes on with what was written down at a checkpoint: prepared like any other, but the
 * runtime makes the processes anew instead of a first one. */
#pragma once

#include "basic/diagnostics.h"
#include "host/runtime.h"
#include "start/checkpoint/checkpoint-store.h"

/* Opens the checkpoint that the start is to restore, and records that as an effect. Returns 0 or
 * -errno. `ret` is to be released. */
int checkpoint_wake_begin(const Bundle *bundle, Checkpoint *ret);

/* Moves what the container had changed in its root, `former_upper` of that checkpoint, to `upper`,
 * if there is any. Returns 0 or -errno. */
int checkpoint_wake_take_upper(const char *former_upper, const char *upper);

/* Undoes that, when the start has ended before there were processes: the checkpoint is there again,
 * with what of it the container's root has got; or it is gone, when a loss of power has had that
 * removed (tmpfiles.d). Returns 0, also when there is nothing to undo, or -errno. */
int checkpoint_wake_undo(const char *id);

/* Instead of runtime_create(): restores it, if the bundle is what it was at the checkpoint. Unless
 * it is to be kept, it is used up from then on, so that no life is lived twice, whatever happens;
 * only that the runtime says it has failed brings it back. What is wrong goes to `diagnostics`.
 * Returns 0 with the first process's number, -EREPORTED, or another -errno. */
int checkpoint_wake(const char *runtime, const Bundle *bundle, const RuntimePassed *passed, Diagnostics *diagnostics,
                    pid_t *ret_pid);

/* Has the start, whose first half could not prepare for it, begin anew. Returns 0 or -errno. */
int checkpoint_wake_give_up(const Bundle *bundle);

/* Returns whether it is to. */
bool checkpoint_is_given_up(const Bundle *bundle);

/* The processes are there, and the checkpoint is spent. Returns 0 or -errno. */
int checkpoint_wake_end(const char *id);

/* Returns whether this start has restored one, for its later commands. */
bool checkpoint_has_woken(const Bundle *bundle);
