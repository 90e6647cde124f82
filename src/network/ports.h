/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Published ports: what PublishPort= says, and sockets that reserve them on the machine. */
#pragma once

#include "basic/alloc.h"
#include "basic/ip-address.h"

typedef struct PublishedPort {
        IpAddress host;       /* AF_UNSPEC: every address of both families */
        int protocol;         /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
        uint16_t host_port;   /* 0: any that is free */
        uint16_t container_port;
        uint16_t count;       /* how many ports in a row, at least 1 */
        bool look;            /* only whether it is free, for a program that is to listen there: what
                               * lingers of connections to its predecessor does not count */
} PublishedPort;

typedef struct PublishedPorts {
        PublishedPort *items;
        size_t count, allocated;
} PublishedPorts;

/* Appends what a sound value of PublishPort= means: one for each protocol, "tcp" if there is none.
 * Returns 0, -EINVAL, or -ENOMEM. */
int ports_parse(const char *text, PublishedPorts *ret);

/* Returns "tcp", "udp" or "sctp". Static. */
const char *protocol_name(int protocol);

/* Returns the protocol of that name, or -EINVAL. */
int protocol_parse(const char *name);

enum { MOST_RESERVED = 64 /* ports of one range that get a socket */ };

/* Binds sockets to the port, one for each family of `families` (AF_INET, AF_INET6, AF_UNSPEC for
 * both) and number, up to MOST_RESERVED numbers, and appends them to `fds`, which the caller
 * closes. With a `host_port` of 0 a free one is chosen and set. An address that the machine does
 * not have yet is fine. Returns 0, -EADDRINUSE with the number that is taken in `ret_taken`, or
 * another -errno. */
int port_reserve(PublishedPort *port, int families, int **fds, size_t *fd_count, uint16_t *ret_taken);

static inline void published_ports_done(PublishedPorts *ports) { free(ports->items); }
#define _cleanup_published_ports_ _cleanup_(published_ports_done)
