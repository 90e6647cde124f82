/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a .network file to what the network is to be on this machine. */
#pragma once

#include "kind/network.h"
#include "network/networks.h"

/* Reads STEM.network, or without one the network that podman keeps under that name. What is wrong
 * with it goes to `diagnostics`. Returns 0 with a Network that
 * has no errors; -ENOENT (not reported) when there is no such file; -EREPORTED when it is
 * masked or has errors; or another -errno. */
int network_file_read(const char *stem, Diagnostics *diagnostics, Network **ret);

/* Works out the state, with subnets chosen where the file names none; a subnet that the machine
 * uses elsewhere is an error in `diagnostics`, at its place. Returns 0, -EREPORTED, or
 * another -errno. `ret` is to be released. */
int network_file_state(const Network *network, Diagnostics *diagnostics, NetworkState *ret);
