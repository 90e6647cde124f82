/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks on the machine: their bridges, and what the kernel has to know of them. */
#pragma once

#include "basic/diagnostics.h"
#include "network/networks.h"

/* Makes the network as `state` says, also where it is there already, perhaps otherwise: the bridge
 * with its addresses, forwarding, and the network's elements of the packet filter. What cannot be
 * is said in `diagnostics`. Returns 0, -EREPORTED, or another -errno. */
int network_up(const NetworkState *state, Diagnostics *diagnostics);

/* Makes what network_up() makes beside the interface. As above. */
int network_restore(const NetworkState *state, Diagnostics *diagnostics);

/* Removes what the packet filter has of it, and leaves the interface to those who are on it. As
 * above. */
int network_forget(const NetworkState *state);

/* Removes it. What is not there is fine. As above. */
int network_down(const NetworkState *state);
