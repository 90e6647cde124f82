/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that containers have: plain files PLACE_NETWORKS/STEM/leases/ADDRESS, which hold the
 * container's ID and appear whole and only once. */
#pragma once

#include "basic/string-list.h"
#include "host/bundle.h"
#include "network/networks.h"

/* Takes the next free address of the subnet's range, and records that as an effect of the bundle
 * first. Addresses are handed out in turn, so that one which was given back is not another's at
 * once; of a network that podman keeps from the last one down, as podman goes up from the first.
 * Returns 0, -ENOSPC when all are taken, or another -errno. */
int lease_choose(const NetworkState *network, const NetworkSubnet *subnet, const Bundle *bundle, IpAddress *ret);

/* Takes this address. Returns 0, -EEXIST when another container has it, or another -errno. */
int lease_take(const NetworkState *network, const IpAddress *address, const Bundle *bundle);

/* Finds who has the address. Returns 0, -ENOENT, or another -errno. Caller frees `ret`. */
int lease_owner(const char *stem, const IpAddress *address, char **ret);

/* Gives back "STEM/ADDRESS", as it stands in an effect, if `owner` has it; anything else is left
 * alone. Returns 0 or -errno. */
int lease_release(const char *lease, const char *owner);

/* Lists the addresses that are taken. Returns 0 or -errno. */
int leases_list(const char *stem, StringList *ret);
