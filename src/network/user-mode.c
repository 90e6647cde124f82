/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command lines of pasta and slirp4netns. */
#include "network/user-mode.h"

#include <errno.h>
#include <stdio.h>

#include "basic/text.h"

/* As podman has them: an address that nobody else has, which pasta takes for the machine's name
 * server, and the subnet of slirp4netns. */
#define PASTA_NAME_SERVER "169.254.1.1"
#define SLIRP_SUBNET "10.0.2.0/24"

enum { SLIRP_GATEWAY = 2, SLIRP_NAME_SERVER = 3, SLIRP_CONTAINER = 100 };

/* Whether an option is given, by its short or its long name, with its value behind it or not. */
static bool has(const NetworkAttachment *network, const char *short_name, const char *long_name) {
        for (size_t i = 0; i < network->options.count; i++) {
                const char *option = network->options.items[i], *rest = startswith(option, long_name);

                if ((rest && (!*rest || *rest == '=')) || (short_name && streq(option, short_name)))
                        return true;
        }
        return false;
}

/* "127.0.0.1/8000-8009:80-89" */
static int add_pasta_port(const PublishedPort *port, StringList *list) {
        _cleanup_text_ Text text = {};
        char address[IP_ADDRESS_TEXT];
        int r;

        if (port->host.family != AF_UNSPEC)
                text_appendf(&text, "%s/", ip_address_format(&port->host, address));
        text_appendf(&text, "%u", port->host_port);
        if (port->count > 1)
                text_appendf(&text, "-%u", port->host_port + port->count - 1U);
        text_appendf(&text, ":%u", port->container_port);
        if (port->count > 1)
                text_appendf(&text, "-%u", port->container_port + port->count - 1U);
        if (text.failed)
                return -ENOMEM;
        r = string_list_add(list, port->protocol == IPPROTO_UDP ? "-u" : "-t");
        return r < 0 ? r : string_list_add(list, text.data);
}

/* Nothing is passed on that nobody has asked for. */
static int add_none(const NetworkAttachment *network, const char *short_name, const char *long_name, bool published,
                    StringList *list) {
        int r;

        if (published || has(network, short_name, long_name))
                return 0;
        r = string_list_add(list, short_name);
        return r < 0 ? r : string_list_add(list, "none");
}

static bool publishes(const PublishedPorts *ports, int protocol) {
        for (size_t i = 0; i < ports->count; i++)
                if (ports->items[i].protocol == protocol)
                        return true;
        return false;
}

static int add_all(StringList *list, const char *const words[], size_t count) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < count; i++)
                r = string_list_add(list, words[i]);
        return r;
}

static int add_pasta_options(const NetworkAttachment *network, const PublishedPorts *ports, StringList *list) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < network->options.count; i++)
                if (!streq(network->options.items[i], "--map-gw")) /* podman's word for not saying --no-map-gw */
                        r = string_list_add(list, network->options.items[i]);
        for (size_t i = 0; r >= 0 && i < ports->count; i++)
                r = add_pasta_port(&ports->items[i], list);
        if (r >= 0)
                r = add_none(network, "-t", "--tcp-ports", publishes(ports, IPPROTO_TCP), list);
        if (r >= 0)
                r = add_none(network, "-u", "--udp-ports", publishes(ports, IPPROTO_UDP), list);
        if (r >= 0)
                r = add_none(network, "-T", "--tcp-ns", false, list);
        if (r >= 0)
                r = add_none(network, "-U", "--udp-ns", false, list);
        if (r >= 0 && !has(network, NULL, "--map-gw"))
                r = string_list_add(list, "--no-map-gw");
        if (r >= 0 && !has(network, NULL, "--dns-forward"))
                r = add_all(list, (const char *const[]) { "--dns-forward", PASTA_NAME_SERVER }, 2);
        return r;
}

/* It stays root, but of what that may do it keeps only what it needs, in namespaces of its own; as
 * another user it could not enter a namespace of root's. Its process ID goes to its standard
 * output: Debian's profile for AppArmor lets it write to few places, and not to a bundle. */
static int add_pasta(const NetworkAttachment *network, const PublishedPorts *ports, const UserModePlaces *places,
                     StringList *list) {
        static const char *const first[] = { "pasta", "--config-net", "--quiet", "--runas", "0", "--no-netns-quit" };
        int r = add_all(list, first, ARRAY_SIZE(first));

        if (r >= 0)
                r = add_all(list, (const char *const[]) { "--pid", "/proc/self/fd/1" }, 2);
        if (r >= 0)
                r = places->user_namespace
                                    ? add_all(list, (const char *const[]) { "--userns", places->user_namespace }, 2)
                                    : string_list_add(list, "--netns-only");
        if (r >= 0)
                r = add_pasta_options(network, ports, list);
        return r < 0 ? r : add_all(list, (const char *const[]) { "--netns", places->namespace }, 2);
}

static bool slirp_is(const NetworkAttachment *network, const char *option) {
        return string_list_contains(&network->options, option);
}

static int add_slirp_values(const NetworkAttachment *network, StringList *list) {
        static const char *const options[][2] = {
                { "cidr", "--cidr" },
                { "mtu", "--mtu" },
                { "outbound_addr", "--outbound-addr" },
                { "outbound_addr6", "--outbound-addr6" },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(options); i++) {
                const char *value = string_list_value(&network->options, options[i][0]);

                if (value)
                        r = string_list_addf(list, "%s=%s", options[i][1], value);
        }
        return r;
}

static int add_slirp(const NetworkAttachment *network, const PublishedPorts *ports, const UserModePlaces *places,
                     StringList *list) {
        static const char *const first[] = { "slirp4netns", "--configure", "--enable-sandbox", "--netns-type=path" };
        int r = add_all(list, first, ARRAY_SIZE(first));

        if (r >= 0 && !slirp_is(network, "allow_host_loopback=true"))
                r = string_list_add(list, "--disable-host-loopback");
        if (r >= 0 && slirp_is(network, "enable_ipv6=true"))
                r = string_list_add(list, "--enable-ipv6");
        if (r >= 0 && !string_list_value(&network->options, "mtu"))
                r = string_list_add(list, "--mtu=65520");
        if (r >= 0)
                r = add_slirp_values(network, list);
        if (r >= 0 && places->user_namespace)
                r = string_list_addf(list, "--userns-path=%s", places->user_namespace);
        if (r >= 0 && ports->count > 0)
                r = string_list_addf(list, "--api-socket=%s", places->api_socket);
        return r < 0 ? r : add_all(list, (const char *const[]) { places->namespace, "tap0" }, 2);
}

int user_mode_command(const NetworkAttachment *network, const PublishedPorts *ports, const UserModePlaces *places,
                      StringList *ret) {
        return network->kind == NETWORK_PASTA ? add_pasta(network, ports, places, ret)
                                              : add_slirp(network, ports, places, ret);
}

static void slirp_address(const NetworkAttachment *network, uint64_t number, char ret[static IP_ADDRESS_TEXT]) {
        const char *subnet = string_list_value(&network->options, "cidr") ?: SLIRP_SUBNET;
        IpAddress address;
        IpPrefix prefix;

        if (ip_prefix_parse(subnet, &prefix) < 0)
                return;
        address = ip_prefix_first(&prefix);
        address = ip_address_add(&address, number);
        ip_address_format(&address, ret);
}

void user_mode_name_server(const NetworkAttachment *network, char ret[static IP_ADDRESS_TEXT]) {
        *ret = '\0';
        if (network->kind == NETWORK_SLIRP4NETNS)
                slirp_address(network, SLIRP_NAME_SERVER, ret);
        else if (!has(network, NULL, "--dns-forward"))
                snprintf(ret, IP_ADDRESS_TEXT, "%s", PASTA_NAME_SERVER);
}

void user_mode_addresses(const NetworkAttachment *network, char ret_own[static IP_ADDRESS_TEXT],
                         char ret_gateway[static IP_ADDRESS_TEXT]) {
        *ret_own = *ret_gateway = '\0';
        if (network->kind != NETWORK_SLIRP4NETNS)
                return;
        slirp_address(network, SLIRP_CONTAINER, ret_own);
        if (slirp_is(network, "allow_host_loopback=true"))
                slirp_address(network, SLIRP_GATEWAY, ret_gateway);
}
