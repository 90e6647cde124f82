/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What networks need of this machine: libraries, the packet filter, and power over both. */
#pragma once

#include "basic/diagnostics.h"

/* The libraries, which are loaded when they are first needed. */
#define MNL_LIBRARY "libmnl.so.0"
#define NFTABLES_LIBRARY "libnftables.so.1"

/* Finds what this machine lacks of what a bridge needs; without `filter`, one that others have made
 * or an interface that is shared. Returns 1 with a sentence for people in `ret`, which the caller
 * frees, 0 when nothing is lacking, or -ENOMEM. */
int network_find_lack(bool filter, char **ret);

/* The same, and what is lacking is an error. Returns 0, -EREPORTED, or -ENOMEM. */
int network_require(bool filter, Diagnostics *diagnostics);
