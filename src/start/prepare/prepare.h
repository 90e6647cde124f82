/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first half of a start: from the file and the machine to a bundle that a runtime can take. */
#pragma once

#include "start/prepare/prepared.h"

/* Reads the container's file, undoes what an earlier life has left, mounts the root file system (in
 * a mount namespace of this process, if there is something to mount) and writes config.json. Logs
 * what is wrong. For a process that is `alone` with that, and ends with it, gives up with each step
 * what of root's power the next ones do not need. With `anew` the container does not go on from a
 * checkpoint that there is. Returns 0 or a negative errno. */
int prepare(const char *instance, bool alone, bool anew, Prepared *ret);
