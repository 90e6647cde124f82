/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A /dev/null that is the container's own. */
#pragma once

#include "host/bundle.h"

/* crun makes the container's root the owner of what it gets as standard input, output and error.
 * When that is the machine's /dev/null, anybody with that ID could then take it from everyone else.
 * So where one of this process's is, it becomes a node of its own, on a file system in this
 * process's own mount namespace. Returns 0 or -errno. */
int null_device_replace(const Bundle *bundle);
