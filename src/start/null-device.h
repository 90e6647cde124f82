/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A /dev/null that is the container's own: crun makes the container's root the owner of what it
 * gets as standard input, output and error. When that is the machine's /dev/null, anybody with that
 * ID could then take it from everyone else. */
#pragma once

#include "host/bundle.h"

/* Makes the node, on a file system in this process's own mount namespace. Returns 0 or -errno. */
int null_device_make(const Bundle *bundle);

/* Puts the node, where one was made, in place of the machine's wherever that is standard input,
 * output or error of this process, which must be in the mount namespace that it was made in.
 * Returns 0 or -errno. */
int null_device_use(const Bundle *bundle);
