/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of containers on networks: what they need of this machine. */
#pragma once

#include "kind/network.h"

/* Finds aardvark-dns, which answers them. Returns 0, -ENOENT when it is not installed, or -ENOMEM.
 * Caller frees. */
int name_server_find(char **ret);

/* Returns whether containers on the network are to find one another by name. */
bool network_wants_names(const Network *network);

/* Warns of what a network wants and is not installed. Returns 0 or -ENOMEM. */
int network_advise(const Network *network, Diagnostics *diagnostics);
