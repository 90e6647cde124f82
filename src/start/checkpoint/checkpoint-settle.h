/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stop after one that was to write a checkpoint, and was killed. */
#pragma once

#include "host/bundle.h"

/* Ends what that has left at work. If the container's processes are held (checkpoint-hold.h), ends
 * them when the checkpoint is there, and has them go on when it is not. Returns 1 when they have
 * ended, 0 when there was nothing to do or they are to be stopped, or -errno. */
int checkpoint_settle(const Bundle *bundle, pid_t pid);
