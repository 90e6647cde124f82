/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a .network file to what the network is to be on this machine. */
#include "network/network-file.h"

#include <errno.h>
#include <net/if.h>

#include "basic/numbers.h"
#include "basic/process.h"
#include "basic/text.h"
#include "config/value/values.h"
#include "kind/file-subnets.h"
#include "kind/network-advice.h"
#include "kind/podman-network.h"
#include "network/subnets.h"
#include "source/places.h"
#include "source/sources.h"

static int load(const Source *source, Diagnostics *diagnostics, Network **ret) {
        _cleanup_free_ char *unit_name = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        SpecifierContext context;
        int r;

        r = source_read(source, &unit, diagnostics);
        if (r >= 0)
                r = unit_name_for(FILE_NETWORK, source->stem, &unit_name);
        if (r < 0)
                return r;
        context = (SpecifierContext) {
                .stem = source->stem, .unit_name = unit_name, .path = source->path, .scope = places_scope()
        };
        r = network_load(&unit, &context, diagnostics, ret);
        if (r >= 0)
                network_check(*ret, diagnostics);
        return r;
}

int network_file_read(const char *stem, Diagnostics *diagnostics, Network **ret) {
        _cleanup_network_ Network *network = NULL;
        _cleanup_source_ Source source = {};
        size_t errors = diagnostics->errors;
        int r = source_find_scope(places_scope(), FILE_NETWORK, stem, &source);

        if (r == -ENOENT)
                return podman_network_read(stem, diagnostics, ret);
        if (r < 0)
                return r;
        if (source.masked)
                return diagnose_error(diagnostics, &(Location) { .file = source.path }, "the file is masked");
        r = load(&source, diagnostics, &network);
        if (r < 0)
                return r;
        if (diagnostics->errors > errors)
                return -EREPORTED;
        *ret = TAKE_PTR(network);
        return 0;
}

static int add_subnet(const Network *network, size_t i, NetworkState *state) {
        NetworkSubnet *subnet;
        IpPrefix prefix;
        int r;

        r = ip_prefix_parse(network->subnets.items[i], &prefix);
        if (r >= 0)
                r = network_state_add_subnet(state, &prefix);
        if (r < 0)
                return r;
        subnet = &state->subnets[state->subnet_count - 1];
        if (i < network->gateways.count)
                r = ip_address_parse(network->gateways.items[i], &subnet->gateway);
        if (r >= 0 && i < network->ip_ranges.count)
                r = ip_range_parse(network->ip_ranges.items[i], &subnet->first, &subnet->last);
        return r;
}

static int add_subnets(const Network *network, NetworkState *state) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < network->subnets.count; i++)
                r = add_subnet(network, i, state);
        if (r < 0 || (network->ipam_driver && streq(network->ipam_driver, "none")))
                return r;
        return subnets_choose(state, state->subnet_count == 0,
                              network->ipv6 && !network_state_has(state, AF_INET6));
}

/* A name that says whose it is, and that no machine's own bridge has by chance. */
static char *make_interface_name(const char *name) {
        char short_name[IFNAMSIZ];
        uint32_t hash = 0x811c9dc5; /* FNV-1a */

        if (streq(name, DEFAULT_NETWORK))
                return strdup("berth0");
        if (strlen(name) <= IFNAMSIZ - sizeof("berth-")) {
                snprintf(short_name, sizeof(short_name), "berth-%s", name);
                if (interface_name_is_valid(short_name))
                        return strdup(short_name);
        }
        for (const char *p = name; *p; p++)
                hash = (hash ^ (unsigned char) *p) * 0x01000193;
        return text_format("berth-%08x", hash);
}

static uint32_t get_number(const Network *network, const char *option) {
        const char *value = network_option(network, option);
        uint64_t number;

        return value && text_to_unsigned(value, UINT32_MAX, &number) >= 0 ? (uint32_t) number : 0;
}

static bool is_yes(const Network *network, const char *option) {
        const char *value = network_option(network, option);
        bool yes;

        return value && (streq(value, "strict") || (text_to_bool(value, &yes) >= 0 && yes));
}

/* Options that go on as they are. */
static int set_options(const Network *network, NetworkState *state) {
        const struct {
                const char *option;
                char **field;
        } options[] = {
                { "mode", &state->mode },
                { "vrf", &state->vrf },
                { "outbound_addr4", &state->outbound4 },
                { "outbound_addr6", &state->outbound6 },
                { "bclim", &state->broadcast_limit },
        };

        for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
                const char *value = network_option(network, options[i].option);

                *options[i].field = value ? strdup(value) : NULL;
                if (value && !*options[i].field)
                        return -ENOMEM;
        }
        return 0;
}

static int set_strings(const Network *network, NetworkState *state) {
        const char *driver = network->driver ?: "bridge",
                   *interface = network->interface_name ?:
                                network_option(network, streq(driver, "bridge") ? "interface" : "parent");

        state->stem = strdup(network->stem);
        state->name = strdup(network_name(network));
        state->driver = strdup(driver);
        if (interface || streq(driver, "bridge"))
                state->interface = interface ? strdup(interface) : make_interface_name(network_name(network));
        else
                state->interface = strdup(""); /* that of the default route */
        return state->stem && state->name && state->driver && state->interface ? set_options(network, state) : -ENOMEM;
}

/* The kernel would take it, and lead to one what is the other's. */
static int check_conflict(const Network *network, const NetworkState *state, Diagnostics *diagnostics) {
        Location where = section_where(&network->section, KEY_Network_Subnet);
        const NetworkSubnet *subnet;
        char interface[IF_NAMESIZE], text[IP_PREFIX_TEXT];
        int r;

        if (!streq(state->driver, "bridge") || state->unmanaged)
                return 0;
        r = subnets_find_conflict(state, &subnet, interface);
        if (r <= 0)
                return r;
        return diagnose_error(diagnostics, where.file ? &where : &(Location) { .file = network->path },
                              "the subnet %s is in use already: the machine has a route to it by %s",
                              ip_prefix_format(&subnet->subnet, text), interface);
}

/* Whichever is started first, the same of two files has a subnet. */
static int check_files(const Network *network, Diagnostics *diagnostics) {
        _cleanup_file_subnets_ FileSubnets files = {};
        _cleanup_sources_ Sources sources = {};
        int r;

        if (network->subnets.count == 0)
                return 0;
        r = sources_scan_scope(places_scope(), &sources, NULL);
        if (r >= 0)
                r = file_subnets_read(&files, &sources);
        return r < 0 ? r : file_subnets_check(&files, network->stem, diagnostics);
}

static int add_routes(const Network *network, NetworkState *state) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < network->routes.count; i++) {
                _cleanup_string_list_ StringList words = {};
                const char *route = network->routes.items[i];

                r = string_list_add_split(&words, route, strlen(route), " ");
                if (r >= 0)
                        r = words.count == 3 ? network_state_add_route(state, (const char *const *) words.items)
                                             : -EBADMSG;
        }
        return r;
}

/* Where podman is installed, its own name server may come to listen at the gateways of a network of
 * its own at any time, and ours would be in its way. */
static bool has_names(const Network *network) {
        _cleanup_free_ char *program = NULL;

        if (!network_wants_names(network))
                return false;
        return !network->podman || process_find("podman", &program) < 0;
}

int network_file_state(const Network *network, Diagnostics *diagnostics, NetworkState *ret) {
        int r;

        *ret = (NetworkState) {
                .internal = network->internal,
                .isolated = is_yes(network, "isolate"),
                .unmanaged = streq_null(network_option(network, "mode"), "unmanaged"),
                .named = network_wants_names(network),
                .names = has_names(network),
                .podman = network->podman,
                .no_default_route = is_yes(network, "no_default_route"),
                .mtu = get_number(network, "mtu"),
                .metric = get_number(network, "metric"),
                .vlan = (uint16_t) get_number(network, "vlan"),
        };
        r = check_files(network, diagnostics);
        if (r >= 0)
                r = set_strings(network, ret);
        if (r >= 0)
                r = string_list_extend(&ret->dns, &network->dns);
        if (r >= 0)
                r = add_subnets(network, ret);
        if (r >= 0)
                r = add_routes(network, ret);
        return r < 0 ? r : check_conflict(network, ret, diagnostics);
}
