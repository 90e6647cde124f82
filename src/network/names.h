/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names by which containers find one another: files for aardvark-dns, which runs once for all
 * networks as container-dns.service and reads PLACE_NAMES/NETWORK again at SIGHUP. */
#pragma once

#include "network/attachment.h"

/* Returns whether containers on the network have a name server at its gateways. */
bool names_are_served(const NetworkState *network);

/* Returns 1 if there is a network whose names are to be told, 0 if not, or -errno. */
int names_are_needed(void);

/* Makes the network's file, with those who are on it already left in it, and has the program run.
 * Returns 0, -ENOENT without the program, or another -errno. */
int names_add_network(const NetworkState *network);

/* Removes the network's file. Returns 0 or -errno. */
int names_remove_network(const NetworkState *network);

/* Records the container's names on the network as an effect, and adds them. Returns 0 or -errno. */
int names_add_container(const Attachment *attachment, const StringList *names, const Bundle *bundle);

/* Takes back what an effect says: the names of the container `id`. Returns 0 or -errno. */
int names_remove_container(const char *network_name, const char *id);
