/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: what a .network file says of subnets, interfaces and its driver's options. */
#include <net/if.h>

#include "basic/ip-address.h"
#include "basic/numbers.h"
#include "config/value/value-internal.h"

static int add_subnet(const ValueContext *context, const Key *key, const char *word, const Location *where,
                      void *list) {
        IpPrefix prefix;

        if (ip_prefix_parse(word, &prefix) < 0 || prefix.length == 0 ||
            prefix.length > ip_bits(prefix.address.family) - 2)
                return value_refuse(context, key, where, "subnets such as 10.89.1.0/24 or fd00:1::/64", word);
        return string_list_add(list, word);
}

int parse_subnets(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_subnet, field);
}

static int add_address(const ValueContext *context, const Key *key, const char *word, const Location *where,
                       void *list) {
        return value_is_address(word, AF_UNSPEC) ? string_list_add(list, word)
                                                 : value_refuse(context, key, where, "addresses", word);
}

int parse_addresses(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_address, field);
}

int ip_range_parse(const char *text, IpAddress *ret_first, IpAddress *ret_last) {
        _cleanup_string_list_ StringList ends = {};
        IpAddress first, last;
        IpPrefix prefix;
        int r;

        if (ip_prefix_parse(text, &prefix) >= 0) {
                *ret_first = ip_prefix_first(&prefix);
                *ret_last = ip_prefix_last(&prefix);
                return 0;
        }
        r = value_split(text, '-', 2, &ends);
        if (r < 0)
                return r;
        if (ends.count != 2 || ip_address_parse(ends.items[0], &first) < 0 ||
            ip_address_parse(ends.items[1], &last) < 0 || first.family != last.family ||
            ip_address_compare(&first, &last) > 0)
                return -EINVAL;
        *ret_first = first;
        *ret_last = last;
        return 0;
}

static int add_ip_range(const ValueContext *context, const Key *key, const char *word, const Location *where,
                        void *list) {
        IpAddress first, last;
        int r = ip_range_parse(word, &first, &last);

        if (r == -EINVAL)
                return value_refuse(context, key, where, "ranges such as 10.89.1.0/25 or 10.89.1.10-10.89.1.20", word);
        return r < 0 ? r : string_list_add(list, word);
}

int parse_ip_ranges(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_ip_range, field);
}

bool interface_name_is_valid(const char *name) {
        static const char valid[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
        size_t n = strlen(name);

        return n > 0 && n < IFNAMSIZ && strspn(name, valid) == n && !streq(name, ".") && !streq(name, "..");
}

int parse_interface(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (!interface_name_is_valid(text))
                return value_refuse(context, key, &where,
                                    "an interface's name of at most 15 letters, digits, \"-\", \"_\" and \".\"", text);
        return value_replace(field, text);
}

/* One of the names, as it is written. */
static int parse_one_of(const ValueContext *context, const Key *key, const Entry *entry, const ValueName names[],
                        char **field) {
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        int r, choice;

        r = value_text(context, entry, &text);
        if (r >= 0)
                r = value_choose(context, key, &where, text, names, &choice);
        return r < 0 ? r : value_replace(field, text);
}

int parse_network_driver(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        static const ValueName names[] = { { "bridge", 0 }, { "macvlan", 1 }, { "ipvlan", 2 }, {} };

        return parse_one_of(context, key, entry, names, field);
}

int parse_ipam_driver(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        static const ValueName names[] = { { "host-local", 0 }, { "dhcp", 1 }, { "none", 2 }, {} };

        return parse_one_of(context, key, entry, names, field);
}

/* Options=, by podman's names; the first of each value's is ours. */

static bool is_number(const char *value, uint64_t least, uint64_t most) {
        uint64_t number;

        return text_to_unsigned(value, most, &number) == 0 && number >= least;
}

static bool is_mtu(const char *value) {
        return is_number(value, 68, 65535);
}

static bool is_vlan(const char *value) {
        return is_number(value, 1, 4094);
}

static bool is_metric(const char *value) {
        return is_number(value, 1, UINT32_MAX);
}

static bool is_bool(const char *value) {
        bool yes;

        return text_to_bool(value, &yes) == 0;
}

static bool is_isolate(const char *value) {
        return streq(value, "strict") || is_bool(value);
}

static bool is_mode(const char *value) {
        static const char *const modes[] = { "managed", "unmanaged", "bridge", "private", "vepa",
                                             "passthru", "l2", "l3", "l3s" };

        for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
                if (streq(value, modes[i]))
                        return true;
        return false;
}

static bool is_broadcast_limit(const char *value) {
        return streq(value, "-1") || is_number(value, 0, INT32_MAX);
}

static bool is_address4(const char *value) {
        return value_is_address(value, AF_INET);
}

static bool is_address6(const char *value) {
        return value_is_address(value, AF_INET6);
}

static const struct {
        const char *name, *key;
        bool (*is_valid)(const char *value);
        const char *what;
} network_options[] = {
        { "mtu", "mtu", is_mtu, "a number of bytes from 68 to 65535" },
        { "com.docker.network.driver.mtu", "mtu", is_mtu, "a number of bytes from 68 to 65535" },
        { "vlan", "vlan", is_vlan, "a number from 1 to 4094" },
        { "metric", "metric", is_metric, "a number above 0" },
        { "isolate", "isolate", is_isolate, "a boolean or strict" },
        { "no_default_route", "no_default_route", is_bool, "a boolean" },
        { "mode", "mode", is_mode, "managed or unmanaged, bridge, private, vepa or passthru, l2, l3 or l3s" },
        { "parent", "parent", interface_name_is_valid, "an interface's name" },
        { "com.docker.network.bridge.name", "interface", interface_name_is_valid, "an interface's name" },
        { "bclim", "bclim", is_broadcast_limit, "a number of packets, or -1" },
        { "vrf", "vrf", interface_name_is_valid, "an interface's name" },
        { "outbound_addr4", "outbound_addr4", is_address4, "an IPv4 address" },
        { "outbound_addr6", "outbound_addr6", is_address6, "an IPv6 address" },
};

static int unknown_option(const ValueContext *context, const Location *where, const char *name) {
        Nearest nearest = { .wanted = name };

        for (size_t i = 0; i < ARRAY_SIZE(network_options); i++)
                nearest_consider(&nearest, network_options[i].name);
        return value_unknown(context, where, "option of a network", name, nearest.name);
}

static int add_network_option(const ValueContext *context, const Key *key, const char *word, const Location *where,
                              void *list) {
        _cleanup_string_list_ StringList sides = {};
        int r = value_split(word, '=', 2, &sides);

        if (r < 0)
                return r;
        if (sides.count < 2 || !*sides.items[0])
                return value_refuse(context, key, where, "options NAME=VALUE", word);
        for (size_t i = 0; i < ARRAY_SIZE(network_options); i++) {
                _cleanup_free_ char *option = NULL;

                if (!streq(network_options[i].name, sides.items[0]))
                        continue;
                if (!network_options[i].is_valid(sides.items[1]))
                        return diagnose_error(context->diagnostics, where, "\"%s\" must be %s, not \"%s\"",
                                              sides.items[0], network_options[i].what, sides.items[1]);
                option = text_format("%s=%s", network_options[i].key, sides.items[1]);
                return option ? string_list_assign(list, option) : -ENOMEM;
        }
        return unknown_option(context, where, sides.items[0]);
}

int parse_network_options(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_network_option, field);
}
