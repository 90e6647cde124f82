/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network namespace that all networks of a user are in, with their bridges, their packet filter
 * and pasta(1) as their way out: what the machine's own network is for those of the system. It
 * belongs to a user namespace of the user's IDs, and both are in the descriptor store of
 * container-networks.service: no process holds them. */
#pragma once

#include "host/fd-store.h"

/* Puts a namespace into the store, and notes which that is. Returns 0 or -errno. */
int user_networks_keep(int namespace_fd);

/* Returns the descriptor of that name which the store has passed on, or -ENOENT. */
int user_networks_find(const PassedFds *passed);

/* Finds it from outside of the unit, before this process is in a user namespace: there it could not
 * look at what the user's manager has. Returns a descriptor of its own, -ENOENT when it is not up,
 * or another -errno. */
int user_networks_open(void);

/* Goes into it, and into the user namespace that it belongs to, for the rest of this process. Does
 * nothing for the system's manager. As above. */
int user_networks_enter(void);

/* Returns whether this process is where networks are: in there, or one of the system's manager. */
bool user_networks_are_here(void);

/* Has this process, which is in there, find by /etc/resolv.conf a name server that is reached from
 * there. Returns 0 or -errno. */
int user_networks_show_name_server(void);
