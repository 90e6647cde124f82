/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the kernel's packet filter, by libnftables, and elements of its maps. */
#include "network/tables.h"

#include <errno.h>
#include <nftables/libnftables.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "kind/network-needs.h"
#include "network/elements.h"
#include "network/ports.h"

DYNAMIC_FUNCTION(nft_ctx_new);
DYNAMIC_FUNCTION(nft_ctx_free);
DYNAMIC_FUNCTION(nft_ctx_buffer_error);
DYNAMIC_FUNCTION(nft_ctx_get_error_buffer);
DYNAMIC_FUNCTION(nft_ctx_buffer_output);
DYNAMIC_FUNCTION(nft_ctx_get_output_buffer);
DYNAMIC_FUNCTION(nft_ctx_output_set_flags);
DYNAMIC_FUNCTION(nft_run_cmd_from_buffer);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(nft_ctx_new),
                DYNAMIC_SYMBOL(nft_ctx_free),
                DYNAMIC_SYMBOL(nft_ctx_buffer_error),
                DYNAMIC_SYMBOL(nft_ctx_get_error_buffer),
                DYNAMIC_SYMBOL(nft_ctx_buffer_output),
                DYNAMIC_SYMBOL(nft_ctx_get_output_buffer),
                DYNAMIC_SYMBOL(nft_ctx_output_set_flags),
                DYNAMIC_SYMBOL(nft_run_cmd_from_buffer),
        };
        return dynamic_load(NFTABLES_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

/* Everything is added, which is fine where it is there already; rules are not, so chains are
 * emptied first. For a while the names of priorities were not taken for every hook.
 *
 * A connection from the machine's loopback device can be led to a container only where the bridge
 * may route such addresses (route_localnet); the chain "guard" sees to it that no container gets to
 * the machine's own loopback addresses by that. */
static const char table_commands[] =
                "add table inet berth { comment \"containers of berth(1)\"; }\n"
                "add map inet berth ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; }\n"
                "add map inet berth ports6 { type inet_proto . inet_service : ipv6_addr . inet_service; }\n"
                "add map inet berth ports4_at"
                " { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }\n"
                "add map inet berth ports6_at"
                " { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }\n"
                "add map inet berth ranges4 { type inet_proto . inet_service : ipv4_addr; flags interval; }\n"
                "add map inet berth ranges6 { type inet_proto . inet_service : ipv6_addr; flags interval; }\n"
                "add map inet berth ranges4_at"
                " { type ipv4_addr . inet_proto . inet_service : ipv4_addr; flags interval; }\n"
                "add map inet berth ranges6_at"
                " { type ipv6_addr . inet_proto . inet_service : ipv6_addr; flags interval; }\n"
                "add set inet berth networks4 { type ipv4_addr; flags interval; }\n"
                "add set inet berth networks6 { type ipv6_addr; flags interval; }\n"
                "add set inet berth translated4 { type ipv4_addr; flags interval; }\n"
                "add set inet berth translated6 { type ipv6_addr; flags interval; }\n"
                "add map inet berth outbound4 { type ipv4_addr : ipv4_addr; flags interval; }\n"
                "add map inet berth outbound6 { type ipv6_addr : ipv6_addr; flags interval; }\n"
                "add set inet berth bridges { type ifname; }\n"
                "add set inet berth within { type ifname . ifname; }\n"
                "add set inet berth internal { type ifname; }\n"
                "add set inet berth isolated { type ifname; }\n"
                "add chain inet berth publish\n"
                "add chain inet berth guard { type filter hook prerouting priority -300; policy accept; }\n"
                "add chain inet berth prerouting { type nat hook prerouting priority -100; policy accept; }\n"
                "add chain inet berth output { type nat hook output priority -100; policy accept; }\n"
                "add chain inet berth postrouting { type nat hook postrouting priority 100; policy accept; }\n"
                "add chain inet berth forward { type filter hook forward priority 0; policy accept; }\n"
                "flush chain inet berth publish\n"
                "flush chain inet berth guard\n"
                "flush chain inet berth prerouting\n"
                "flush chain inet berth output\n"
                "flush chain inet berth postrouting\n"
                "flush chain inet berth forward\n"
                "add rule inet berth guard iifname @bridges ip daddr 127.0.0.0/8 drop\n"
                "add rule inet berth prerouting fib daddr type local jump publish\n"
                "add rule inet berth output fib daddr type local jump publish\n"
                "add rule inet berth publish meta nfproto ipv4 dnat ip addr . port to"
                " ip daddr . meta l4proto . th dport map @ports4_at\n"
                "add rule inet berth publish meta nfproto ipv6 dnat ip6 addr . port to"
                " ip6 daddr . meta l4proto . th dport map @ports6_at\n"
                "add rule inet berth publish meta nfproto ipv4 dnat ip to"
                " ip daddr . meta l4proto . th dport map @ranges4_at\n"
                "add rule inet berth publish meta nfproto ipv6 dnat ip6 to"
                " ip6 daddr . meta l4proto . th dport map @ranges6_at\n"
                "add rule inet berth publish meta nfproto ipv4 dnat ip addr . port to"
                " meta l4proto . th dport map @ports4\n"
                "add rule inet berth publish meta nfproto ipv6 dnat ip6 addr . port to"
                " meta l4proto . th dport map @ports6\n"
                "add rule inet berth publish meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ranges4\n"
                "add rule inet berth publish meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @ranges6\n"
                "add rule inet berth postrouting ct status dnat ip saddr @networks4 ip daddr @networks4 masquerade\n"
                "add rule inet berth postrouting ct status dnat ip6 saddr @networks6 ip6 daddr @networks6 masquerade\n"
                "add rule inet berth postrouting ct status dnat ip saddr 127.0.0.0/8 ip daddr @networks4 masquerade\n"
                "add rule inet berth postrouting ip daddr 224.0.0.0/4 accept\n"
                "add rule inet berth postrouting ip6 daddr ff00::/8 accept\n"
                "add rule inet berth postrouting oifname != @bridges snat ip to ip saddr map @outbound4\n"
                "add rule inet berth postrouting oifname != @bridges snat ip6 to ip6 saddr map @outbound6\n"
                "add rule inet berth postrouting ip saddr @translated4 oifname != @bridges masquerade\n"
                "add rule inet berth postrouting ip6 saddr @translated6 oifname != @bridges masquerade\n"
                "add rule inet berth forward iifname . oifname @within accept\n"
                "add rule inet berth forward iifname @internal drop\n"
                "add rule inet berth forward oifname @internal drop\n"
                "add rule inet berth forward iifname @isolated oifname @bridges drop\n"
                "add rule inet berth forward iifname @bridges oifname @isolated drop\n";

static int run(struct nft_ctx *context, const char *commands, char **ret_message) {
        const char *message;

        if (sym_nft_ctx_buffer_error(context) != 0)
                return -ENOMEM;
        if (sym_nft_run_cmd_from_buffer(context, commands) == 0)
                return 0;
        message = sym_nft_ctx_get_error_buffer(context);
        if (ret_message) {
                *ret_message = strndup(message ?: "", strcspn(message ?: "", "\n"));
                if (!*ret_message)
                        return -ENOMEM;
        }
        return -EPROTO;
}

static void context_freep(struct nft_ctx **context) {
        if (*context)
                sym_nft_ctx_free(*context);
}

static int open_context(struct nft_ctx **ret) {
        int r = load();

        if (r < 0)
                return r;
        *ret = sym_nft_ctx_new(NFT_CTX_DEFAULT);
        return *ret ? 0 : -ENOMEM;
}

int tables_query(const char *command, char **ret) {
        _cleanup_(context_freep) struct nft_ctx *context = NULL;
        const char *output;
        int r;

        r = open_context(&context);
        if (r < 0)
                return r;
        if (sym_nft_ctx_buffer_output(context) != 0)
                return -ENOMEM;
        sym_nft_ctx_output_set_flags(context, NFT_CTX_OUTPUT_HANDLE);
        r = run(context, command, NULL);
        if (r < 0)
                return r;
        output = sym_nft_ctx_get_output_buffer(context);
        *ret = strdup(output ?: "");
        return *ret ? 0 : -ENOMEM;
}

int tables_run(const char *commands, char **ret_message) {
        _cleanup_(context_freep) struct nft_ctx *context = NULL;
        int r = open_context(&context);

        return r < 0 ? r : run(context, commands, ret_message);
}

static int run_text(const Text *text, char **ret_message) {
        if (text->failed)
                return -ENOMEM;
        return text->length > 0 ? tables_run(text->data, ret_message) : 0;
}

/* Nothing that we put into quotes holds one; comments have at most 127 bytes. */
static void append_comment(Text *text, const char *owner) {
        enum { LONGEST = 120 };

        if (owner && *owner && !strchr(owner, '"'))
                text_appendf(text, " comment \"%.*s\"", LONGEST, owner);
}

static void append_subnet(Text *text, const char *verb, const char *set, const IpPrefix *subnet, const char *owner) {
        IpPrefix whole = { .address = ip_prefix_first(subnet), .length = subnet->length };
        char buffer[IP_PREFIX_TEXT];

        text_appendf(text, "%s element inet berth %s%c { %s", verb, set, subnet->address.family == AF_INET ? '4' : '6',
                     ip_prefix_format(&whole, buffer));
        append_comment(text, owner);
        text_append(text, " }\n");
}

static void append_name(Text *text, const char *verb, const char *set, const char *name, const char *owner) {
        text_appendf(text, "%s element inet berth %s { \"%s\"", verb, set, name);
        append_comment(text, owner);
        text_append(text, " }\n");
}

static void append_outbound(Text *text, const char *verb, const TableNetwork *network, const IpPrefix *subnet) {
        bool v4 = subnet->address.family == AF_INET;
        const char *address = v4 ? network->outbound4 : network->outbound6;
        IpPrefix whole = { .address = ip_prefix_first(subnet), .length = subnet->length };
        char buffer[IP_PREFIX_TEXT];

        if (!address)
                return;
        text_appendf(text, "%s element inet berth outbound%c { %s", verb, v4 ? '4' : '6',
                     ip_prefix_format(&whole, buffer));
        append_comment(text, network->owner);
        text_appendf(text, " : %s }\n", address);
}

void tables_append_network(Text *text, const char *verb, const TableNetwork *network) {
        const char *name = network->interface, *owner = network->owner;

        append_name(text, verb, "bridges", name, owner);
        text_appendf(text, "%s element inet berth within { \"%s\" . \"%s\" }\n", verb, name, name);
        if (network->flags & TABLE_NETWORK_INTERNAL)
                append_name(text, verb, "internal", name, owner);
        if (network->flags & TABLE_NETWORK_ISOLATED)
                append_name(text, verb, "isolated", name, owner);
        for (size_t i = 0; i < network->subnet_count; i++) {
                append_outbound(text, verb, network, &network->subnets[i]);
                append_subnet(text, verb, "networks", &network->subnets[i], owner);
                if (!(network->flags & (TABLE_NETWORK_PLAIN | TABLE_NETWORK_INTERNAL)))
                        append_subnet(text, verb, "translated", &network->subnets[i], owner);
        }
}

int tables_add_network(const TableNetwork *network, char **ret_message) {
        _cleanup_text_ Text text = {};

        text_append(&text, table_commands);
        tables_append_network(&text, "add", network);
        return run_text(&text, ret_message);
}

/* What is added just before can be deleted for sure; that what is there is other than what we would
 * add makes the whole transaction fail. */
int tables_remove_network(const TableNetwork *network) {
        _cleanup_text_ Text text = {};
        int r;

        tables_append_network(&text, "add", network);
        tables_append_network(&text, "delete", network);
        r = run_text(&text, NULL);
        return r == -EPROTO ? 0 : r;
}

static void append_element(Text *text, const char *verb, const TablePort *port, const char *owner) {
        bool v4 = port->host.family == AF_INET, range = port->count > 1, any = ip_address_is_any(&port->host);
        char host[IP_ADDRESS_TEXT], container[IP_ADDRESS_TEXT];

        text_appendf(text, "%s element inet berth %s%c%s { ", verb, range ? "ranges" : "ports", v4 ? '4' : '6',
                     any ? "" : "_at");
        if (!any)
                text_appendf(text, "%s . ", ip_address_format(&port->host, host));
        text_appendf(text, "%s . %u", port->protocol, port->host_port);
        if (range)
                text_appendf(text, "-%u", port->host_port + port->count - 1U);
        append_comment(text, owner);
        text_appendf(text, " : %s", ip_address_format(&port->container, container));
        if (!range)
                text_appendf(text, " . %u", port->container_port);
        text_append(text, " }\n");
}

/* A range whose numbers are the same on both sides is one element; another one would be told apart
 * by nothing but each number. */
void tables_append_port(Text *text, const char *verb, const TablePort *port, const char *owner) {
        TablePort one = *port;

        if (port->host_port == port->container_port) {
                append_element(text, verb, port, owner);
                return;
        }
        one.count = 1;
        for (unsigned i = 0; i < port->count; i++, one.host_port++, one.container_port++)
                append_element(text, verb, &one, owner);
}

static void add_address(ElementValue *value, const IpAddress *address) {
        element_value_add(value, address->bytes, ip_bits(address->family) / 8);
}

/* The same as append_element() makes. */
static Element make_element(const TablePort *port) {
        static const char *const maps[2][2][2] = {
                { { "ports6_at", "ports6" }, { "ports4_at", "ports4" } },
                { { "ranges6_at", "ranges6" }, { "ranges4_at", "ranges4" } },
        };
        bool v4 = port->host.family == AF_INET, range = port->count > 1, any = ip_address_is_any(&port->host);
        const uint8_t protocol = (uint8_t) protocol_parse(port->protocol);
        uint16_t first = htons(port->host_port), last = htons((uint16_t) (port->host_port + port->count - 1)),
                 inside = htons(port->container_port);
        Element element = { .map = maps[range][v4][any] };

        if (!any)
                add_address(&element.key, &port->host);
        element_value_add(&element.key, &protocol, sizeof(protocol));
        if (range)
                element.end = element.key;
        element_value_add(&element.key, &first, sizeof(first));
        if (range)
                element_value_add(&element.end, &last, sizeof(last));
        add_address(&element.data, &port->container);
        if (!range)
                element_value_add(&element.data, &inside, sizeof(inside));
        return element;
}

/* As tables_append_port(). Returns how many, or -E2BIG for more than `most`. */
static int make_elements(const TablePort *ports, size_t count, Element elements[], size_t most) {
        size_t n = 0;

        for (size_t i = 0; i < count; i++) {
                TablePort one = ports[i];
                unsigned parts = one.host_port == one.container_port ? 1 : one.count;

                if (parts > most - n)
                        return -E2BIG;
                if (parts == 1) {
                        elements[n++] = make_element(&ports[i]);
                        continue;
                }
                one.count = 1;
                for (unsigned j = 0; j < parts; j++, one.host_port++, one.container_port++)
                        elements[n++] = make_element(&one);
        }
        return (int) n;
}

static int change_ports(ElementsChange change, const TablePort *ports, size_t count, const char *owner) {
        _cleanup_free_ Element *elements = calloc(ELEMENTS_MOST, sizeof(*elements));
        int n;

        if (!elements)
                return -ENOMEM;
        n = make_elements(ports, count, elements, ELEMENTS_MOST);
        return n < 0 ? n : elements_change(change, elements, (size_t) n, owner);
}

int tables_add_ports(const TablePort *ports, size_t count, const char *owner) {
        _cleanup_text_ Text text = {};
        int r = change_ports(ELEMENTS_ADD, ports, count, owner);

        if (r != -E2BIG)
                return r;
        for (size_t i = 0; i < count; i++)
                tables_append_port(&text, "add", &ports[i], owner);
        return run_text(&text, NULL);
}

static int remove_ports(const TablePort *ports, size_t count) {
        _cleanup_text_ Text text = {};
        int r = change_ports(ELEMENTS_REMOVE, ports, count, NULL);

        if (r != -E2BIG)
                return r;
        for (size_t i = 0; i < count; i++) {
                tables_append_port(&text, "add", &ports[i], NULL);
                tables_append_port(&text, "delete", &ports[i], NULL);
        }
        return run_text(&text, NULL);
}

int tables_remove_ports(const TablePort *ports, size_t count) {
        int r = remove_ports(ports, count);

        /* One of them may be another container's by now. */
        for (size_t i = 0; r == -EPROTO && count > 1 && i < count; i++) {
                int s = remove_ports(&ports[i], 1);

                if (s < 0 && s != -EPROTO)
                        r = s;
        }
        return r == -EPROTO ? 0 : r;
}
