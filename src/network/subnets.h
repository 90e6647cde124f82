/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subnets for networks whose file names none: each is chosen once, so that nothing on the machine
 * uses it, and kept in PLACE_NETWORK_CHOICES. */
#pragma once

#include "network/networks.h"

/* Finds a subnet that overlaps none of those that are taken: the first /24 from 10.89.0.0 on, or a
 * random /64 of fd00::/8. Returns 0, -ENOSPC, or -EIO. */
int subnet_find_free(const IpPrefix taken[], size_t count, int family, IpPrefix *ret);

/* Adds what was chosen for the network before, or else is chosen now, a subnet of each family that
 * is wanted. Those of the machine's routes, of other networks and of other files are avoided.
 * Returns 0, -ENOSPC, or another -errno. */
int subnets_choose(NetworkState *state, bool ipv4, bool ipv6);

/* Finds out whether one of the network's subnets is used by another interface of the machine than
 * its own. Returns 1 with that subnet and the interface's name (IF_NAMESIZE), 0, or -errno. */
int subnets_find_conflict(const NetworkState *state, const NetworkSubnet **ret, char *ret_interface);

/* Forgets what was chosen. Returns 0 or -errno. */
int subnets_forget(const char *stem);
