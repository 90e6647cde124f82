/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container on a network: what it has there, and making it so in a network namespace. */
#pragma once

#include "host/bundle.h"
#include "network/mac.h"
#include "network/networks.h"

typedef struct Attachment {
        NetworkState network;
        char *interface; /* inside: "eth0" */
        uint8_t mac[MAC_SIZE];
        IpPrefix addresses[2]; /* of either family, the length being the subnet's */
        size_t address_count;
        StringList names;   /* the container's own */
        StringList aliases; /* further ones on this network */
} Attachment;

typedef struct Attachments {
        Attachment *items;
        size_t count, allocated;
} Attachments;

/* Makes the interfaces, with addresses and routes, in the namespace, whose loopback device is
 * brought up. Returns 0; -ENODEV when a network's own interface is gone, with the network in
 * `ret_network` (borrowed); or another -errno. */
int attachments_apply(const Attachments *attachments, int namespace_fd, const NetworkState **ret_network);

/* Writes them down in the bundle, for a later command and for those who look. Returns 0 or
 * -errno. */
int attachments_write(const Attachments *attachments, const Bundle *bundle);

/* Reads them. Returns 0, -ENOENT when there are none, -EBADMSG, or another -errno. `ret` is to be
 * released. */
int attachments_read(const Bundle *bundle, Attachments *ret);

/* Returns the first address of the family, or NULL. */
const IpAddress *attachment_address(const Attachment *attachment, int family);

/* Whether one of them has the address, given as text. */
bool attachments_have(const Attachments *attachments, const char *address);

/* Appends names and aliases, each once. Returns 0 or -ENOMEM. */
int attachment_all_names(const Attachment *attachment, StringList *ret);

void attachments_done(Attachments *attachments);
#define _cleanup_attachments_ _cleanup_(attachments_done)
