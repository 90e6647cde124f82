/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which containers are on networks, with what they have there: for those who look. */
#pragma once

#include "network/attachment.h"
#include "network/port-map.h"

typedef struct NetworkUser {
        char *id; /* the container's */
        Attachments attachments;
        PortMap ports;
} NetworkUser;

typedef struct NetworkUsers {
        NetworkUser *items;
        size_t count, allocated;
} NetworkUsers;

/* Finds them by their bundles, in the order of their IDs. What is just being made or removed is
 * left out. Returns 0, -EACCES for who may not look, or another -errno; `ret` is to be released. */
int network_users_get(NetworkUsers *ret);

/* Returns the container's entry, or NULL. */
const NetworkUser *network_users_find(const NetworkUsers *users, const char *id);

/* Appends "10.88.0.5" for each address that it has. Returns 0 or -ENOMEM. */
int network_user_list_addresses(const NetworkUser *user, StringList *ret);

/* Returns the user's attachment to the network, or NULL. */
const Attachment *network_user_find(const NetworkUser *user, const char *stem);

/* Appends "8080:80/tcp", "127.0.0.1:9000-9009:9000-9009/udp" for each port that leads to one of
 * the addresses, for NULL for each port, that of both families once. Returns 0 or -ENOMEM. */
int network_user_list_ports(const NetworkUser *user, const Attachment *attachment, StringList *ret);

void network_users_done(NetworkUsers *users);
#define _cleanup_network_users_ _cleanup_(network_users_done)
