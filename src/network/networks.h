/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network as it is on this machine, in PLACE_NETWORKS/STEM/network: what
 * container-network@.service has made of its file, for those who start containers on it. */
#pragma once

#include "basic/ip-address.h"
#include "basic/string-list.h"

#define DEFAULT_NETWORK "default" /* the stem of the file for containers that name none */

typedef struct NetworkSubnet {
        IpPrefix subnet;
        IpAddress gateway;     /* AF_UNSPEC: none */
        IpAddress first, last; /* that containers get addresses from */
} NetworkSubnet;

typedef struct NetworkRoute {
        IpPrefix destination;
        IpAddress gateway;
        uint32_t metric; /* 0: the kernel's default */
} NetworkRoute;

typedef struct NetworkState {
        char *stem, *name, *driver;
        char *interface; /* the bridge, or what a macvlan or ipvlan is below */
        char *mode;      /* of the driver, or NULL */
        char *vrf;       /* the device that the bridge becomes a part of, or NULL */
        char *outbound4, *outbound6; /* what goes out comes from these addresses; NULL: the kernel's choice */
        char *broadcast_limit;       /* of a macvlan, or NULL: the kernel's */
        NetworkSubnet *subnets;
        size_t subnet_count, subnets_allocated;
        NetworkRoute *routes; /* beside the default one */
        size_t route_count, routes_allocated;
        bool internal, isolated, unmanaged, names, no_default_route;
        bool named;  /* containers are to find one another by name, whoever tells them */
        bool podman; /* kept by podman, whose containers may be on it as well */
        uint32_t mtu, metric; /* 0: not given */
        uint16_t vlan;
        StringList dns;
} NetworkState;

/* Returns the directory of the network. NULL when memory is short. Caller frees. */
char *network_directory(const char *stem);

/* Waits until nobody else changes what the networks of the machine are, and keeps others from it:
 * not to be asked for by who has it. Returns an fd whose closing ends that, or -errno. */
int networks_lock(void);

/* Reads what was written. Returns 0, -ENOENT when the network is not up, -EBADMSG, or another
 * -errno. `ret` is to be released. */
int network_state_read(const char *stem, NetworkState *ret);

/* Writes it; the directory is made. Returns 0 or -errno. */
int network_state_write(const NetworkState *state);

/* Appends a subnet with the gateway and the range that it has by itself. Returns 0 or -ENOMEM. */
int network_state_add_subnet(NetworkState *state, const IpPrefix *subnet);

/* Appends the route of a destination, a gateway and a metric in text. Returns 0, -EBADMSG, or
 * -ENOMEM. */
int network_state_add_route(NetworkState *state, const char *const words[static 3]);

bool network_state_has(const NetworkState *state, int family);

/* Returns the first subnet of the family, or NULL. */
const NetworkSubnet *network_state_find(const NetworkState *state, int family);

void network_state_done(NetworkState *state);
#define _cleanup_network_state_ _cleanup_(network_state_done)
