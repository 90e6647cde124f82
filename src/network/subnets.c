/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subnets for networks whose file names none. */
#include "network/subnets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/random.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "kind/file-subnets.h"
#include "kind/podman-network.h"
#include "network/netlink.h"
#include "source/places.h"
#include "source/sources.h"

typedef struct Prefixes {
        IpPrefix *items;
        size_t count, allocated;
} Prefixes;

static void prefixes_done(Prefixes *prefixes) {
        free(prefixes->items);
}
#define _cleanup_prefixes_ _cleanup_(prefixes_done)

static int add(Prefixes *prefixes, const IpPrefix *prefix) {
        int r = ARRAY_RESERVE(prefixes->items, prefixes->allocated, prefixes->count + 1);

        if (r < 0)
                return r;
        prefixes->items[prefixes->count++] = *prefix;
        return 0;
}

static int add_text(Prefixes *prefixes, const char *text) {
        IpPrefix prefix;

        return ip_prefix_parse(text, &prefix) < 0 ? 0 : add(prefixes, &prefix);
}

static int add_route(const IpPrefix *destination, unsigned index _unused_, void *userdata) {
        return add(userdata, destination);
}

static int add_routes(Prefixes *prefixes) {
        _cleanup_netlink_ Netlink *netlink = NULL;
        int r = netlink_open(&netlink);

        return r < 0 ? r : netlink_each_route(netlink, add_route, prefixes);
}

/* A file of lines, a subnet each. */
static int read_choice(const char *stem, StringList *ret) {
        enum { LARGEST = 4096 };
        _cleanup_free_ char *path = path_join(place_path(PLACE_NETWORK_CHOICES), stem), *text = NULL;
        int r;

        if (!path)
                return -ENOMEM;
        r = read_file_at(AT_FDCWD, path, LARGEST, &text, NULL);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return string_list_add_split(ret, text, strlen(text), "\n");
}

static int add_choices(Prefixes *prefixes) {
        _cleanup_string_list_ StringList stems = {}, subnets = {};
        int r = directory_list(place_path(PLACE_NETWORK_CHOICES), &stems);

        for (size_t i = 0; r >= 0 && i < stems.count; i++)
                r = read_choice(stems.items[i], &subnets);
        for (size_t i = 0; r >= 0 && i < subnets.count; i++)
                r = add_text(prefixes, subnets.items[i]);
        return r;
}

/* A network that a file describes may not be up yet. */
static int add_files(Prefixes *prefixes) {
        _cleanup_file_subnets_ FileSubnets files = {};
        _cleanup_sources_ Sources sources = {};
        int r = sources_scan_scope(places_scope(), &sources, NULL);

        if (r >= 0)
                r = file_subnets_read(&files, &sources);
        for (size_t i = 0; r >= 0 && i < files.count; i++)
                r = add(prefixes, &files.items[i].subnet);
        return r;
}

/* Podman would make a bridge with them whenever a container of its own needs one. */
static int add_podman(Prefixes *prefixes) {
        _cleanup_string_list_ StringList names = {};
        int r = podman_networks_list(&names);

        for (size_t i = 0; r >= 0 && i < names.count; i++) {
                _cleanup_diagnostics_ Diagnostics unseen = {};
                _cleanup_network_ Network *network = NULL;

                if (podman_network_read(names.items[i], &unseen, &network) == -ENOMEM)
                        return -ENOMEM;
                for (size_t j = 0; network && r >= 0 && j < network->subnets.count; j++)
                        r = add_text(prefixes, network->subnets.items[j]);
        }
        return r == -ENOMEM ? r : 0;
}

static bool is_free(const IpPrefix taken[], size_t count, const IpPrefix *candidate) {
        for (size_t i = 0; i < count; i++)
                if (taken[i].address.family == candidate->address.family && ip_prefix_overlaps(&taken[i], candidate))
                        return false;
        return true;
}

/* Podman's pool, which ends where 10.0.0.0/8 does. */
static int choose_ip4(const IpPrefix taken[], size_t count, IpPrefix *ret) {
        enum { FIRST = 89, LAST = 255, SUBNETS = 256 };

        for (unsigned i = FIRST * SUBNETS; i < (LAST + 1) * SUBNETS; i++) {
                IpPrefix candidate = {
                        .address = { .family = AF_INET, .bytes = { 10, (uint8_t) (i / SUBNETS), (uint8_t) i } },
                        .length = 24,
                };

                if (is_free(taken, count, &candidate)) {
                        *ret = candidate;
                        return 0;
                }
        }
        return -ENOSPC;
}

/* A unique local one (RFC 4193). */
static int choose_ip6(const IpPrefix taken[], size_t count, IpPrefix *ret) {
        enum { MOST_TRIES = 100, RANDOM_BYTES = 5 };

        for (unsigned i = 0; i < MOST_TRIES; i++) {
                IpPrefix candidate = { .address = { .family = AF_INET6, .bytes = { 0xfd } }, .length = 64 };

                if (getrandom(candidate.address.bytes + 1, RANDOM_BYTES, 0) != RANDOM_BYTES)
                        return -EIO;
                if (is_free(taken, count, &candidate)) {
                        *ret = candidate;
                        return 0;
                }
        }
        return -ENOSPC;
}

int subnet_find_free(const IpPrefix taken[], size_t count, int family, IpPrefix *ret) {
        return family == AF_INET ? choose_ip4(taken, count, ret) : choose_ip6(taken, count, ret);
}

static int write_choice(const char *stem, const StringList *subnets) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_NETWORK_CHOICES), stem);
        _cleanup_text_ Text text = {};
        int r;

        for (size_t i = 0; i < subnets->count; i++)
                text_appendf(&text, "%s\n", subnets->items[i]);
        if (!path || text.failed)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, place_path(PLACE_NETWORK_CHOICES), 0700);
        if (r >= 0)
                r = sweep_temporary_files(place_path(PLACE_NETWORK_CHOICES));
        return r < 0 ? r : write_file_durable_at(AT_FDCWD, path, text.data, text.length, 0644);
}

static int choose(int family, StringList *chosen) {
        _cleanup_prefixes_ Prefixes taken = {};
        char text[IP_PREFIX_TEXT];
        IpPrefix subnet;
        int r;

        r = add_routes(&taken);
        if (r >= 0)
                r = add_choices(&taken);
        if (r >= 0)
                r = add_files(&taken);
        if (r >= 0)
                r = add_podman(&taken);
        if (r >= 0)
                r = subnet_find_free(taken.items, taken.count, family, &subnet);
        return r < 0 ? r : string_list_add(chosen, ip_prefix_format(&subnet, text));
}

/* The subnet of the family among those that were chosen, which is made now if need be. */
static int need(int family, StringList *chosen, bool *changed, NetworkState *state) {
        for (;;) {
                int r;

                for (size_t i = 0; i < chosen->count; i++) {
                        IpPrefix subnet;

                        if (ip_prefix_parse(chosen->items[i], &subnet) >= 0 && subnet.address.family == family)
                                return network_state_add_subnet(state, &subnet);
                }
                r = choose(family, chosen);
                if (r < 0)
                        return r;
                *changed = true;
        }
}

int subnets_choose(NetworkState *state, bool ipv4, bool ipv6) {
        _cleanup_string_list_ StringList chosen = {};
        /* Two that choose at once would choose the same. */
        _cleanup_close_ int lock_fd = networks_lock();
        bool changed = false;
        int r = lock_fd;

        if (r >= 0)
                r = read_choice(state->stem, &chosen);
        if (r >= 0 && ipv4)
                r = need(AF_INET, &chosen, &changed, state);
        if (r >= 0 && ipv6)
                r = need(AF_INET6, &chosen, &changed, state);
        return r >= 0 && changed ? write_choice(state->stem, &chosen) : r;
}

typedef struct Conflict {
        const NetworkState *state;
        unsigned own;
        const NetworkSubnet *subnet;
        unsigned index;
} Conflict;

static int look_at_route(const IpPrefix *destination, unsigned index, void *userdata) {
        Conflict *conflict = userdata;

        for (size_t i = 0; index != conflict->own && i < conflict->state->subnet_count; i++) {
                const IpPrefix *subnet = &conflict->state->subnets[i].subnet;

                if (subnet->address.family == destination->address.family && destination->length >= subnet->length &&
                    ip_prefix_overlaps(subnet, destination)) {
                        conflict->subnet = &conflict->state->subnets[i];
                        conflict->index = index;
                        return 1;
                }
        }
        return 0;
}

int subnets_find_conflict(const NetworkState *state, const NetworkSubnet **ret, char *ret_interface) {
        _cleanup_netlink_ Netlink *netlink = NULL;
        Conflict conflict = { .state = state };
        int r = netlink_open(&netlink);

        if (r >= 0) {
                int own = netlink_find_link(netlink, state->interface);

                conflict.own = own > 0 ? (unsigned) own : UINT_MAX;
                r = netlink_each_route(netlink, look_at_route, &conflict);
        }
        if (r < 0 || !conflict.subnet)
                return r;
        if (!if_indextoname(conflict.index, ret_interface))
                strncpy(ret_interface, "?", IF_NAMESIZE);
        *ret = conflict.subnet;
        return 1;
}

int subnets_forget(const char *stem) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_NETWORK_CHOICES), stem);

        if (!path)
                return -ENOMEM;
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}
