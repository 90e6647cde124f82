/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a network: when its unit stops, or, if containers are on it then, with the last of
 * them. */
#pragma once

/* Removes the network, unless containers are on it: then that is noted, for networks_end_left().
 * Returns 1 when it stays, 0 when it is gone, or -errno. */
int network_end(const char *stem);

/* Removes each network that was to go, and that nobody is on any more. Goes on after a failure.
 * Returns 0, or the first failure as -errno. */
int networks_end_left(void);

/* Forgets that the network was to go: it is made again. To be called with networks_lock(). Returns
 * 0 or -errno. */
int network_end_forget(const char *stem);
