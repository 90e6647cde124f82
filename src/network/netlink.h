/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces, addresses and routes, by rtnetlink(7). */
#pragma once

#include <net/if.h>

#include "basic/ip-address.h"
#include "network/netlink-socket.h"

/* Finds an interface. Returns its index, -ENODEV, or another -errno. */
int netlink_find_link(Netlink *netlink, const char *name);

typedef struct BridgeRequest {
        const char *name;
        const uint8_t *mac; /* six bytes */
        uint32_t mtu;       /* 0: the kernel's default */
        uint16_t vlan;      /* of every port; 0: no filtering */
} BridgeRequest;

/* Makes a bridge, which must not exist, and brings it up. Returns its index, -EEXIST, or another
 * -errno. */
int netlink_add_bridge(Netlink *netlink, const BridgeRequest *request);

typedef struct VethRequest {
        unsigned bridge;       /* the index of what the host's end becomes a port of */
        int namespace_fd;      /* where the other end goes … */
        const char *name;      /* … under this name, */
        const uint8_t *mac;    /* with this address: six bytes */
        uint32_t mtu;          /* 0: the kernel's default */
        uint16_t vlan;         /* of the port; 0: none */
        bool isolated;         /* the port reaches no other isolated port */
} VethRequest;

/* Makes a pair, the host's end with a random name, and brings that up. Returns 0 or
 * -errno. */
int netlink_add_veth(Netlink *netlink, const VethRequest *request);

typedef struct SlaveRequest {
        const char *kind; /* "macvlan", "ipvlan" */
        unsigned parent;  /* the index of the interface below it */
        uint32_t mode;    /* MACVLAN_MODE_…, IPVLAN_MODE_… */
        uint32_t flags;   /* of ipvlan */
        int namespace_fd;
        const char *name;
        const uint8_t *mac; /* six bytes, or NULL where the kind takes the parent's */
        uint32_t mtu;
        const int32_t *broadcast_limit; /* of a macvlan; NULL: the kernel's default */
} SlaveRequest;

/* Makes an interface of the container's that shares one of the machine's. As netlink_add_veth(). */
int netlink_add_slave(Netlink *netlink, const SlaveRequest *request);

/* Removes an interface. Missing is fine. Returns 0 or -errno. */
int netlink_delete_link(Netlink *netlink, const char *name);

int netlink_set_up(Netlink *netlink, unsigned index);

/* Makes the interface a part of another one, such as a VRF device. Returns 0 or -errno. */
int netlink_set_master(Netlink *netlink, unsigned index, unsigned master);

/* Adds an address, which is usable at once: no duplicate is looked for. One that is there already
 * is fine. Returns 0 or -errno. */
int netlink_add_address(Netlink *netlink, unsigned index, const IpPrefix *address);

/* Adds a route; `metric` 0 is the kernel's default, `gateway` may be none. As above. */
int netlink_add_route(Netlink *netlink, const IpPrefix *destination, const IpAddress *gateway, unsigned index,
                      uint32_t metric);

/* Calls `handle` with the destination of every route of the machine but default ones, and the
 * interface it leads to, until that returns other than 0. Returns that, 0, or -errno. */
int netlink_each_route(Netlink *netlink, int (*handle)(const IpPrefix *destination, unsigned index, void *userdata),
                       void *userdata);

/* Calls `handle` with every address of an interface. As above. */
int netlink_each_address(Netlink *netlink, unsigned index, int (*handle)(const IpPrefix *address, void *userdata),
                         void *userdata);

/* Removes an address; one that is not there is fine. Returns 0 or -errno. */
int netlink_delete_address(Netlink *netlink, unsigned index, const IpPrefix *address);

/* Finds the interface of the machine's default route. Returns its index, -ENODEV when there is
 * none, or another -errno. */
int netlink_find_default(Netlink *netlink, int family);
