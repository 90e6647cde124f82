/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network=pasta and Network=slirp4netns. */
#include "kind/container/container-user-network.h"

#include <errno.h>

#include "basic/ip-address.h"
#include "basic/numbers.h"
#include "basic/process.h"
#include "basic/text.h"
#include "config/value/values.h"

const NetworkAttachment *container_user_network(const Container *container) {
        const NetworkAttachment *first = container->networks.items;

        return container->networks.count > 0 && network_is_by_program(first) ? first : NULL;
}

const char *user_network_program(const NetworkAttachment *network, const char **ret_package) {
        bool pasta = network->kind == NETWORK_PASTA;

        *ret_package = pasta ? "passt" : "slirp4netns";
        return pasta ? "pasta" : "slirp4netns";
}

static bool is_yes_or_no(const char *value) {
        return streq(value, "true") || streq(value, "false");
}

static bool is_subnet4(const char *value) {
        IpPrefix prefix;

        /* Its own addresses are the first ones, and the container's is the hundredth. */
        return ip_prefix_parse(value, &prefix) >= 0 && prefix.address.family == AF_INET && prefix.length > 0 &&
               prefix.length <= 25;
}

static bool is_mtu(const char *value) {
        uint64_t number;

        return text_to_unsigned(value, 65521, &number) == 0 && number >= 68;
}

static bool is_outbound(const char *value, int family) {
        IpAddress address;

        return interface_name_is_valid(value) ||
               (ip_address_parse(value, &address) >= 0 && address.family == family);
}

static bool is_outbound4(const char *value) {
        return is_outbound(value, AF_INET);
}

static bool is_outbound6(const char *value) {
        return is_outbound(value, AF_INET6);
}

static bool is_own_handler(const char *value) {
        return streq(value, "slirp4netns");
}

/* As podman calls them. */
static const struct {
        const char *name;
        bool (*is_valid)(const char *value);
        const char *what;
} slirp_options[] = {
        { "allow_host_loopback", is_yes_or_no, "true or false" },
        { "cidr", is_subnet4, "an IPv4 subnet of at most 25 bits, such as 10.0.2.0/24" },
        { "enable_ipv6", is_yes_or_no, "true or false" },
        { "mtu", is_mtu, "a number of bytes from 68 to 65521" },
        { "outbound_addr", is_outbound4, "an interface or an IPv4 address" },
        { "outbound_addr6", is_outbound6, "an interface or an IPv6 address" },
        { "port_handler", is_own_handler, "slirp4netns: there is no rootlesskit here" },
};

static void check_slirp_option(const NetworkAttachment *network, const char *option, Diagnostics *diagnostics) {
        const char *equals = strchr(option, '=');
        size_t n = equals ? (size_t) (equals - option) : strlen(option);
        _cleanup_free_ char *name = strndup(option, n);
        Nearest nearest = { .wanted = name };

        for (size_t i = 0; name && i < ARRAY_SIZE(slirp_options); i++) {
                nearest_consider(&nearest, slirp_options[i].name);
                if (!streq(slirp_options[i].name, name))
                        continue;
                if (!equals || !slirp_options[i].is_valid(equals + 1))
                        diagnose_error(diagnostics, &network->where, "\"%s\" must be %s, not \"%s\"", name,
                                       slirp_options[i].what, equals ? equals + 1 : "");
                return;
        }
        diagnose_error(diagnostics, &network->where,
                       nearest.name ? "unknown option of slirp4netns \"%s\"; did you mean \"%s\"?"
                                    : "unknown option of slirp4netns \"%s\"",
                       name ? name : option, nearest.name);
}

/* What it is run in, and as whom, is not a file's to say; all others are its own, and it says what
 * is wrong with them. */
static void check_pasta_option(const NetworkAttachment *network, const char *option, Diagnostics *diagnostics) {
        static const char *const ours[] = {
                "-f", "--foreground", "-P", "--pid", "--runas", "--netns", "--netns-only", "--userns",
                "--no-netns-quit", "--config-net", "-q", "--quiet",
        };

        for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
                const char *rest = startswith(option, ours[i]);

                if (rest && (!*rest || *rest == '='))
                        diagnose_error(diagnostics, &network->where,
                                       "the option \"%s\" of pasta is berth's own to give", ours[i]);
        }
}

static void check_ports(const Container *container, const NetworkAttachment *network, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_PublishPort);
        bool pasta = network->kind == NETWORK_PASTA;

        for (size_t i = 0; i < container->publish_ports.count; i++) {
                const char *port = container->publish_ports.items[i];

                if (strstr(port, "sctp"))
                        diagnose_error(diagnostics, &where, "%s passes on tcp and udp, not sctp",
                                       pasta ? "pasta" : "slirp4netns");
                if (!pasta && port[0] == '[')
                        diagnose_error(diagnostics, &where, "slirp4netns has no ports of IPv6 addresses");
        }
}

void user_network_check(const Container *container, Diagnostics *diagnostics) {
        const NetworkAttachment *network = container_user_network(container);

        if (!network)
                return;
        for (size_t i = 0; i < network->options.count; i++)
                if (network->kind == NETWORK_PASTA)
                        check_pasta_option(network, network->options.items[i], diagnostics);
                else
                        check_slirp_option(network, network->options.items[i], diagnostics);
        check_ports(container, network, diagnostics);
}

int user_network_advise(const Container *container, Diagnostics *diagnostics) {
        const NetworkAttachment *network = container_user_network(container);
        _cleanup_free_ char *path = NULL;
        const char *program, *package;
        int r;

        if (!network)
                return 0;
        program = user_network_program(network, &package);
        r = process_find(program, &path);
        if (r == -ENOENT)
                diagnose_warning(diagnostics, &network->where,
                                 "%s is not installed: Debian has it in the package %s", program, package);
        return r == -ENOMEM ? r : 0;
}
