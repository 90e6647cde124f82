/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .network file as a value. */
#pragma once

#include "config/section.h"

typedef struct Network {
        char *network_name;
        char *driver;
        StringList subnets;
        StringList gateways;
        StringList ip_ranges;
        bool ipv6;
        bool internal;
        StringList dns;
        bool disable_dns;
        char *ipam_driver;
        char *interface_name;
        StringList options;
        StringList labels;
        bool delete_on_stop;

        /* of no file of ours, see podman-network.h */
        bool podman;
        bool of_user;      /* the file is for a user's service manager */
        StringList routes; /* "DESTINATION GATEWAY METRIC" */

        SECTION;
} Network;

/* As container_load(). */
int network_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Network **ret);

/* As container_check(). */
void network_check(const Network *network, Diagnostics *diagnostics);

/* What the network is called. Borrowed. */
const char *network_name(const Network *network);

/* The value of an option of Options=, by its short name ("mtu"); NULL when it is not there.
 * Borrowed. */
const char *network_option(const Network *network, const char *name);

void network_free(Network *network);
static inline void network_freep(Network **network) { network_free(*network); }
#define _cleanup_network_ _cleanup_(network_freep)
