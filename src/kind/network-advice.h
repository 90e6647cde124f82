/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a network wants of this machine, which may not have it. */
#pragma once

#include "kind/network.h"

/* Finds aardvark-dns, which answers them. Returns 0, -ENOENT when it is not installed, or -ENOMEM.
 * Caller frees. */
int name_server_find(char **ret);

/* Returns whether the network has rules of the packet filter: a bridge that berth makes. */
bool network_wants_filter(const Network *network);

/* Returns whether containers on the network are to find one another by name. */
bool network_wants_names(const Network *network);

/* Warns of what a network wants and this machine does not have. Returns 0 or -ENOMEM. */
int network_advise(const Network *network, Diagnostics *diagnostics);
