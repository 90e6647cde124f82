/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command lines of pasta(1) and slirp4netns(1), and the addresses that containers have there.
 * Pure. */
#pragma once

#include "kind/container/container.h"
#include "network/ports.h"

/* Where things are for the program; all are paths. */
typedef struct UserModePlaces {
        const char *namespace, *user_namespace; /* the latter NULL: the machine's */
        const char *api_socket;
} UserModePlaces;

/* Appends the program and its arguments. Pasta writes its process ID to its standard output; the
 * ports of slirp4netns are asked for by its socket. Returns 0 or -ENOMEM. */
int user_mode_command(const NetworkAttachment *network, const PublishedPorts *ports, const UserModePlaces *places,
                      StringList *ret);

/* Writes what answers names; an empty text where nothing does, or the file has said what. */
void user_mode_name_server(const NetworkAttachment *network, char ret[static IP_ADDRESS_TEXT]);

/* Writes the container's own address, where it is known before the program runs, and the machine's;
 * empty texts otherwise. */
void user_mode_addresses(const NetworkAttachment *network, char ret_own[static IP_ADDRESS_TEXT],
                         char ret_gateway[static IP_ADDRESS_TEXT]);
