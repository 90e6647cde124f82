/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: networks, ports, addresses and host names. */
#include "basic/numbers.h"
#include "config/value/value-internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>

bool value_is_address(const char *text, int family) {
        unsigned char address[sizeof(struct in6_addr)];

        return (family != AF_INET6 && inet_pton(AF_INET, text, address) == 1) ||
               (family != AF_INET && inet_pton(AF_INET6, text, address) == 1);
}

/* Network= */

static void network_attachment_done(NetworkAttachment *network) {
        free(network->value);
        string_list_done(&network->options);
}

DEFINE_LIST_DONE(networks, network_attachment_done)

static bool is_mac_address(const char *text) {
        size_t i;

        for (i = 0; i < 17 && text[i]; i++)
                if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char) text[i]))
                        return false;
        return i == 17 && !text[i];
}

/* Options that podman knows; it hands every other "name=value" to the network driver, and so do
 * we. */
static bool bridge_option_is_valid(const char *option) {
        const char *value = strchr(option, '=');

        if (!value || value == option || !*++value)
                return false;
        if (startswith(option, "ip="))
                return value_is_address(value, AF_UNSPEC);
        if (startswith(option, "ip6="))
                return value_is_address(value, AF_INET6);
        return !startswith(option, "mac=") || is_mac_address(value);
}

static int network_options(const ValueContext *context, const char *text, NetworkAttachment *network) {
        bool bridged = network->kind == NETWORK_BRIDGE || network->kind == NETWORK_FILE ||
                       network->kind == NETWORK_NAMED;
        int r;

        r = value_split(text, ',', SIZE_MAX, &network->options);
        for (size_t i = 0; i < network->options.count && r >= 0; i++)
                if (bridged ? !bridge_option_is_valid(network->options.items[i]) : !*network->options.items[i])
                        return diagnose_error(context->diagnostics, &network->where,
                                              "\"%s\" is not valid as an option of a network",
                                              network->options.items[i]);
        return r;
}

/* Modes that may have options behind a colon, and those that may not. */
static const struct NetworkMode {
        const char *name;
        NetworkKind kind;
        bool has_options;
} network_modes[] = {
        { "host", NETWORK_HOST, false },       { "none", NETWORK_NONE, false },
        { "private", NETWORK_PRIVATE, false }, { "bridge", NETWORK_BRIDGE, true },
        { "pasta", NETWORK_PASTA, true },      { "slirp4netns", NETWORK_SLIRP4NETNS, true },
};

/* A mode of the table, a network's file or its name. `n` is the length without options. */
static int network_by_name(const ValueContext *context, const char *text, size_t n, NetworkAttachment *network) {
        _cleanup_free_ char *name = strndup(text, n), *stem = NULL;
        int r;

        if (!name)
                return -ENOMEM;
        network->kind = NETWORK_NAMED;
        for (size_t i = 0; i < ARRAY_SIZE(network_modes); i++)
                if (streq(network_modes[i].name, name)) {
                        if (text[n] && !network_modes[i].has_options)
                                return diagnose_error(context->diagnostics, &network->where,
                                                      "network mode \"%s\" has no options", name);
                        network->kind = network_modes[i].kind;
                        return 0;
                }
        r = value_reference(context, &network->where, name, ".network", &stem);
        if (r < 0)
                return r;
        if (r > 0)
                network->kind = NETWORK_FILE;
        else if (!value_name_is_valid(name))
                return diagnose_error(context->diagnostics, &network->where,
                                      "\"%s\" is no network: host, none, private, bridge, pasta, slirp4netns, ns:PATH, "
                                      "NAME.network, NAME.container, container:NAME or a network's name",
                                      name);
        network->value = TAKE_PTR(name);
        return 0;
}

static int add_network(const ValueContext *context, _unused_ const Key *key, const char *word, const Location *where,
                       void *field) {
        _cleanup_(network_attachment_done) NetworkAttachment network = { .where = *where };
        NetworkAttachmentList *list = field;
        size_t n = strcspn(word, ":");
        NamespaceKind joined;
        int r;

        r = value_joined_namespace(context, where, word, &joined, &network.value);
        if (r < 0)
                return r;
        if (r > 0) {
                network.kind = joined == NAMESPACE_PATH ? NETWORK_PATH : NETWORK_CONTAINER;
                return LIST_TAKE(list, network);
        }
        r = network_by_name(context, word, n, &network);
        if (r >= 0 && word[n])
                r = network_options(context, word + n + 1, &network);
        return r < 0 ? r : LIST_TAKE(list, network);
}

int parse_networks(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_network, field);
}

/* PublishPort=, ExposeHostPort= */

/* "80" or "8000-8010". Returns how many ports that is, 0 when it is not valid. */
static size_t port_range(const char *text) {
        _cleanup_string_list_ StringList ends = {};
        uint64_t first, last;

        if (value_split(text, '-', SIZE_MAX, &ends) < 0 || ends.count > 2 ||
            text_to_unsigned(ends.items[0], 65535, &first) < 0 ||
            text_to_unsigned(ends.items[ends.count - 1], 65535, &last) < 0 || first == 0 || first > last)
                return 0;
        return (size_t) (last - first + 1);
}

/* "tcp", or several: "tcp,udp" */
static bool protocols_are_valid(const char *text) {
        _cleanup_string_list_ StringList protocols = {};

        if (value_split(text, ',', SIZE_MAX, &protocols) < 0)
                return false;
        for (size_t i = 0; i < protocols.count; i++)
                if (!streq(protocols.items[i], "tcp") && !streq(protocols.items[i], "udp") &&
                    !streq(protocols.items[i], "sctp"))
                        return false;
        return true;
}

/* "[::1]:8080:80", "127.0.0.1::80", "8080-8081:80-81", "80", all without a protocol. The text is
 * changed. */
static bool published_ports_are_valid(char *text) {
        char *container = strrchr(text, ':'), *host;
        size_t n, m;

        n = port_range(container ? container + 1 : text);
        if (!container)
                return n > 0;
        *container = '\0';
        host = strrchr(text, ':');
        if (host) {
                bool bracketed = text[0] == '[' && host > text + 1 && host[-1] == ']';

                *host++ = '\0';
                if (bracketed)
                        host[-2] = '\0';
                if (*text && !value_is_address(text + bracketed, bracketed ? AF_INET6 : AF_INET))
                        return false;
        } else
                host = text;
        m = port_range(host);
        return n > 0 && (m == n || (!*host && host != text));
}

static int add_published_ports(const ValueContext *context, const Key *key, const char *word, const Location *where,
                               void *list) {
        _cleanup_free_ char *copy = strdup(word);
        char *slash;

        if (!copy)
                return -ENOMEM;
        slash = strchr(copy, '/');
        if (slash)
                *slash++ = '\0';
        if ((slash && !protocols_are_valid(slash)) || !published_ports_are_valid(copy))
                return value_refuse(context, key, where, "[[IP:][HOST-PORT]:]PORT[/tcp|udp|sctp]", word);
        return string_list_add(list, word);
}

int parse_ports(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_published_ports, field);
}

static int add_exposed_ports(const ValueContext *context, const Key *key, const char *word, const Location *where,
                             void *list) {
        _cleanup_free_ char *copy = strdup(word);
        char *slash;

        if (!copy)
                return -ENOMEM;
        slash = strchr(copy, '/');
        if (slash)
                *slash++ = '\0';
        if ((slash && !protocols_are_valid(slash)) || port_range(copy) == 0)
                return value_refuse(context, key, where, "PORT[-PORT][/tcp|udp|sctp]", word);
        return string_list_add(list, word);
}

int parse_ports_exposed(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_exposed_ports, field);
}

/* IP=, IP6=, DNS=, DNSOption=, DNSSearch=, AddHost= */

static int parse_address(const ValueContext *context, const Key *key, const Entry *entry, int family, const char *what,
                         char **field) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (!value_is_address(text, family))
                return value_refuse(context, key, &where, what, text);
        return value_replace(field, text);
}

int parse_ip4_address(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return parse_address(context, key, entry, AF_INET, "an IPv4 address", field);
}

int parse_ip6_address(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return parse_address(context, key, entry, AF_INET6, "an IPv6 address", field);
}

static int add_dns_server(const ValueContext *context, const Key *key, const char *word, const Location *where,
                          void *list) {
        if (!streq(word, "none") && !value_is_address(word, AF_UNSPEC))
                return value_refuse(context, key, where, "addresses or none", word);
        return string_list_add(list, word);
}

int parse_dns_servers(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_dns_server, field);
}

/* What is written to resolv.conf(5) must stay one word there. */
static int add_dns_option(const ValueContext *context, const Key *key, const char *word, const Location *where,
                          void *list) {
        bool valid = *word && *word != '#' && *word != ';';

        for (const char *p = word; *p; p++)
                valid &= isgraph((unsigned char) *p) != 0;
        return valid ? string_list_add(list, word)
                     : value_refuse(context, key, where, "options of resolv.conf(5)", word);
}

int parse_dns_options(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_dns_option, field);
}

static int add_dns_domain(const ValueContext *context, const Key *key, const char *word, const Location *where,
                          void *list) {
        static const char valid[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

        if (!*word || strspn(word, valid) != strlen(word) || strstr(word, "..") || (word[0] == '.' && word[1]))
                return value_refuse(context, key, where, "domain names or \".\"", word);
        return string_list_add(list, word);
}

int parse_dns_domains(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_dns_domain, field);
}

static int add_host(const ValueContext *context, const Key *key, const char *word, const Location *where, void *list) {
        _cleanup_string_list_ StringList sides = {}, names = {};
        int r;

        r = value_split(word, ':', 2, &sides);
        if (r >= 0)
                r = value_split(sides.items[0], ';', SIZE_MAX, &names);
        if (r < 0)
                return r;
        if (sides.count < 2 || (!streq(sides.items[1], "host-gateway") && !value_is_address(sides.items[1], AF_UNSPEC)))
                return value_refuse(context, key, where, "NAME[;NAME…]:ADDRESS", word);
        for (size_t i = 0; i < names.count; i++)
                if (!value_name_is_valid(names.items[i]))
                        return value_refuse(context, key, where, "NAME[;NAME…]:ADDRESS", word);
        return string_list_add(list, word);
}

int parse_hosts(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_host, field);
}
