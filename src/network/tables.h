/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the kernel's packet filter, in a table of our own: "inet berth". What each container and
 * network needs is an element of a set or map, so that no rule is added and nothing gets slower as
 * they become more. The only user of libnftables, which is loaded when it is first needed. */
#pragma once

#include "basic/alloc.h"
#include "basic/ip-address.h"
#include "basic/text.h"

/* Runs commands of nft(8) as one transaction: all of them, or none. `ret_message` (may be NULL)
 * gets what the library said of a failure, which the caller frees. Returns 0, -ENOPKG without
 * libnftables, -EPROTO when the transaction was refused, or -ENOMEM. */
int tables_run(const char *commands, char **ret_message);

/* Runs one command that lists something, with the handles of rules. As tables_run(), -EPROTO also
 * when there is no such thing. Caller frees `ret`. */
int tables_query(const char *command, char **ret);

typedef enum TableNetworkFlags {
        TABLE_NETWORK_INTERNAL = 1 << 0, /* nothing in or out */
        TABLE_NETWORK_ISOLATED = 1 << 1, /* nothing to or from other networks of ours */
        TABLE_NETWORK_PLAIN = 1 << 2,    /* nothing is translated: what is outside knows the way back */
} TableNetworkFlags;

typedef struct TableNetwork {
        const char *interface, *owner; /* the latter is a comment in the table */
        const IpPrefix *subnets;
        size_t subnet_count;
        const char *outbound4, *outbound6; /* what goes out comes from; NULL: the kernel's choice */
        unsigned flags; /* TableNetworkFlags */
} TableNetwork;

/* Makes the table unless it is there, with its rules as this version has them, and adds the
 * network. As tables_run(). */
int tables_add_network(const TableNetwork *network, char **ret_message);

/* Removes the network. What is not there, or no longer, is fine. As tables_run(). */
int tables_remove_network(const TableNetwork *network);

/* A range of ports of the machine's that is a container's; the protocols have the same numbers
 * everywhere. */
typedef struct TablePort {
        IpAddress host;      /* the machine's address; "any" of its family: all of them */
        IpAddress container; /* of the same family */
        const char *protocol; /* "tcp", "udp", "sctp" */
        uint16_t host_port, container_port;
        uint16_t count; /* at least 1 */
} TablePort;

/* Append the commands that add or delete, `verb`, the elements of a network, and of a port. */
void tables_append_network(Text *text, const char *verb, const TableNetwork *network);
void tables_append_port(Text *text, const char *verb, const TablePort *port, const char *owner);

/* Adds the ports, with `owner` as a comment, in one transaction. As tables_run(). */
int tables_add_ports(const TablePort *ports, size_t count, const char *owner);

/* Removes ports that are as they were added; any other, and a table that is gone, is left alone. As
 * tables_run(). */
int tables_remove_ports(const TablePort *ports, size_t count);
