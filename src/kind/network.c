/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .network file as a value. */
#include "kind/network.h"

#include "config/key-parse.h"
#include "config/value/values.h"
#include "kind/helper-service.h"
#include "source/places.h"

static const SectionType section = SECTION_TYPE(FILE_NETWORK, Network);

static bool is_macvlan(const Network *network) {
        return network->driver && !streq(network->driver, "bridge");
}

/* The first gateway and the first range are of the first subnet, and so on. */
static void check_subnet(const Network *network, size_t i, Diagnostics *diagnostics) {
        Location gateway_where = section_where(&network->section, KEY_Network_Gateway),
                 range_where = section_where(&network->section, KEY_Network_IPRange);
        IpAddress gateway, first, last;
        IpPrefix subnet;

        if (ip_prefix_parse(network->subnets.items[i], &subnet) < 0)
                return;
        if (i < network->gateways.count && ip_address_parse(network->gateways.items[i], &gateway) >= 0 &&
            !ip_prefix_contains(&subnet, &gateway))
                diagnose_error(diagnostics, &gateway_where, "the gateway %s is not in the subnet %s",
                               network->gateways.items[i], network->subnets.items[i]);
        if (i < network->ip_ranges.count && ip_range_parse(network->ip_ranges.items[i], &first, &last) >= 0 &&
            (!ip_prefix_contains(&subnet, &first) || !ip_prefix_contains(&subnet, &last)))
                diagnose_error(diagnostics, &range_where, "the range %s is not in the subnet %s",
                               network->ip_ranges.items[i], network->subnets.items[i]);
}

static void check_subnets(const Network *network, Diagnostics *diagnostics) {
        Location where = section_where(&network->section, KEY_Network_Subnet);
        const KeysSet *set = &network->set;

        keys_need(set, KEY_Network_Gateway, KEY_Network_Subnet, diagnostics);
        keys_need(set, KEY_Network_IPRange, KEY_Network_Subnet, diagnostics);
        if (network->subnets.count > 0 && network->gateways.count > network->subnets.count)
                diagnose_error(diagnostics, &set->entry[KEY_Network_Gateway]->where,
                               "there are more gateways than subnets");
        if (network->subnets.count > 0 && network->ip_ranges.count > network->subnets.count)
                diagnose_error(diagnostics, &set->entry[KEY_Network_IPRange]->where,
                               "there are more address ranges than subnets");
        for (size_t i = 0; i < network->subnets.count; i++) {
                IpPrefix subnet, other;

                check_subnet(network, i, diagnostics);
                for (size_t j = 0; j < i; j++)
                        if (ip_prefix_parse(network->subnets.items[i], &subnet) >= 0 &&
                            ip_prefix_parse(network->subnets.items[j], &other) >= 0 &&
                            ip_prefix_overlaps(&subnet, &other))
                                diagnose_error(diagnostics, &where, "the subnets %s and %s overlap",
                                               network->subnets.items[j], network->subnets.items[i]);
        }
}

/* Options that only some drivers have. */
static void check_options(const Network *network, Diagnostics *diagnostics) {
        static const struct {
                const char *option;
                const char *drivers;
        } limited[] = {
                { "vlan", "bridge" },
                { "isolate", "bridge" },
                { "interface", "bridge" },
                { "parent", "macvlan, ipvlan" },
                { "bclim", "macvlan" },
                { "vrf", "bridge" },
                { "outbound_addr4", "bridge" },
                { "outbound_addr6", "bridge" },
        };
        static const struct {
                const char *driver, *modes;
        } modes[] = {
                { "bridge", "managed unmanaged" },
                { "macvlan", "bridge private vepa passthru" },
                { "ipvlan", "l2 l3 l3s" },
        };
        Location where = section_where(&network->section, KEY_Network_Options);
        const char *driver = network->driver ?: "bridge", *mode = network_option(network, "mode");

        for (size_t i = 0; i < ARRAY_SIZE(limited); i++)
                if (network_option(network, limited[i].option) && !strstr(limited[i].drivers, driver))
                        diagnose_error(diagnostics, &where, "option \"%s\" is of Driver=%s, not of %s",
                                       limited[i].option, limited[i].drivers, driver);
        for (size_t i = 0; mode && i < ARRAY_SIZE(modes); i++) {
                _cleanup_string_list_ StringList allowed = {};

                if (streq(modes[i].driver, driver) &&
                    string_list_add_split(&allowed, modes[i].modes, strlen(modes[i].modes), " ") >= 0 &&
                    !string_list_contains(&allowed, mode))
                        diagnose_error(diagnostics, &where, "Driver=%s has no mode \"%s\"; it has: %s", driver, mode,
                                       modes[i].modes);
        }
}

/* What would be of the machine's interfaces, or need one in a namespace where there are none. */
static void check_of_user(const Network *network, Diagnostics *diagnostics) {
        static const char *const options[] = { "vrf", "outbound_addr4", "outbound_addr6" };
        Location where = section_where(&network->section, KEY_Network_Options);
        const char *mode = network_option(network, "mode");

        if (is_macvlan(network))
                diagnose_error(diagnostics, &network->set.entry[KEY_Network_Driver]->where,
                               "a user's network cannot be on an interface of the machine, as with Driver=%s; use "
                               "Driver=bridge, or have root make the network in %s",
                               network->driver, place_path_of_system(PLACE_CONFIGURATION));
        else if (mode && streq(mode, "unmanaged"))
                diagnose_error(diagnostics, &where, "a user's network cannot use a bridge of the machine's; leave out "
                               "\"mode=unmanaged\"");
        for (size_t i = 0; i < ARRAY_SIZE(options); i++)
                if (network_option(network, options[i]))
                        diagnose_error(diagnostics, &where, "option \"%s\" is about interfaces and addresses of the "
                                       "machine, which a user's network does not have", options[i]);
}

void network_check(const Network *network, Diagnostics *diagnostics) {
        const KeysSet *set = &network->set;
        const char *ipam = network->ipam_driver;

        if (network->of_user)
                check_of_user(network, diagnostics);
        check_helper_service(&network->section, diagnostics);
        check_subnets(network, diagnostics);
        check_options(network, diagnostics);
        if (ipam && streq(ipam, "dhcp"))
                diagnose_error(diagnostics, &set->entry[KEY_Network_IPAMDriver]->where,
                               "\"dhcp\" is not supported yet; give Subnet=, with IPRange= for what is free there");
        if (ipam && streq(ipam, "none") && network->subnets.count > 0)
                diagnose_error(diagnostics, &set->entry[KEY_Network_IPAMDriver]->where,
                               "\"none\" does not go with Subnet=");
        if (is_macvlan(network) && network->subnets.count == 0 && (!ipam || !streq(ipam, "none")) &&
            !section_is_given(&network->section, KEY_Network_Subnet))
                diagnose_error(diagnostics, &set->entry[KEY_Network_Driver]->where,
                               "Driver=%s needs Subnet=, or IPAMDriver=none", network->driver);
}

const char *network_option(const Network *network, const char *name) {
        return string_list_value(&network->options, name);
}

const char *network_name(const Network *network) {
        return network->network_name ?: network->stem;
}

int network_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Network **ret) {
        void *network;
        int r = section_load(&section, unit, context, diagnostics, &network);

        if (r < 0)
                return r;
        ((Network *) network)->of_user = context->scope == SCOPE_USER;
        *ret = network;
        return 0;
}

void network_free(Network *network) {
        if (network)
                string_list_done(&network->routes);
        section_free(&section, network);
}
