/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of src/network that need no network: ports, link addresses, subnets, and leases. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "host/effects.h"
#include "network/elements.h"
#include "network/leases.h"
#include "network/mac.h"
#include "network/network-users.h"
#include "network/ports.h"
#include "network/subnets.h"
#include "network/tables.h"
#include "network/user-mode.h"
#include "source/places.h"
#include "tests/unit/test.h"

static char *root;

static void set_up(void) {
        root = test_directory();
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", root, 1), 0);
        ck_assert_int_eq(places_choose(SCOPE_USER), 0);
}

static void tear_down(void) {
        ck_assert_int_eq(places_choose(SCOPE_SYSTEM), 0);
        test_directory_done(&root);
}

/* What PublishPort= says, as "HOST HOST-PORT PORT COUNT PROTOCOL", the last of several. */
static void expect_port(const char *text, size_t count, const char *expected) {
        _cleanup_published_ports_ PublishedPorts ports = {};
        _cleanup_free_ char *found = NULL;
        char address[IP_ADDRESS_TEXT] = "any";
        const PublishedPort *port;

        ck_assert_int_ge(ports_parse(text, &ports), 0);
        ck_assert_uint_eq(ports.count, count);
        port = &ports.items[count - 1];
        if (port->host.family != AF_UNSPEC)
                ip_address_format(&port->host, address);
        found = text_format("%s %u %u %u %s", address, port->host_port, port->container_port, port->count,
                            protocol_name(port->protocol));
        ck_assert_str_eq(found, expected);
}

START_TEST(published_ports) {
        expect_port("80", 1, "any 0 80 1 tcp");
        expect_port("8080:80", 1, "any 8080 80 1 tcp");
        expect_port("8080:80/udp", 1, "any 8080 80 1 udp");
        expect_port("53:53/tcp,udp", 2, "any 53 53 1 udp");
        expect_port("127.0.0.1:8080:80", 1, "127.0.0.1 8080 80 1 tcp");
        expect_port("127.0.0.1::80", 1, "127.0.0.1 0 80 1 tcp");
        expect_port("[::1]:8080:80/sctp", 1, "::1 8080 80 1 sctp");
        expect_port("8000-8009:80-89", 1, "any 8000 80 10 tcp");
        expect_port("65535:65535", 1, "any 65535 65535 1 tcp");
}
END_TEST

START_TEST(ports_that_are_none) {
        static const char *const bad[] = { "", "x", "80/icmp", "70000:80", "8080:80/tcp,x" };

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                _cleanup_published_ports_ PublishedPorts ports = {};

                ck_assert_msg(ports_parse(bad[i], &ports) < 0, "%s", bad[i]);
        }
        ck_assert_int_lt(protocol_parse("icmp"), 0);
}
END_TEST

/* The command line of a program for a network, its ports and its namespaces. */
static void expect_command(NetworkKind kind, const char *options, const char *port, bool user_namespace,
                           const char *expected) {
        _cleanup_string_list_ StringList list = {}, arguments = {};
        _cleanup_published_ports_ PublishedPorts ports = {};
        NetworkAttachment network = { .kind = kind };
        const UserModePlaces places = { "/b/ns", user_namespace ? "/b/user" : NULL, "/b/api" };
        _cleanup_text_ Text found = {};

        ck_assert_int_eq(string_list_add_split(&list, options, strlen(options), ","), 0);
        network.options = list;
        if (port)
                ck_assert_int_ge(ports_parse(port, &ports), 0);
        ck_assert_int_eq(user_mode_command(&network, &ports, &places, &arguments), 0);
        for (size_t i = 0; i < arguments.count; i++)
                text_appendf(&found, "%s%s", i > 0 ? " " : "", arguments.items[i]);
        ck_assert_str_eq(found.data, expected);
}

/* A socket at a port of 127.0.0.1 (0: any), or -errno. */
static int bind_local(uint16_t *port, bool shares) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(*port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = shares;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
        if (bind(fd, (void *) &address, size) < 0) {
                int error = -errno;

                close(fd);
                return error;
        }
        ck_assert_int_eq(getsockname(fd, (void *) &address, &size), 0);
        *port = ntohs(address.sin_port);
        return fd;
}

static int connect_local(uint16_t port) {
        const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_ge(fd, 0);
        return connect(fd, (const void *) &address, sizeof(address)) < 0 ? -errno : fd;
}

/* A connection of which this end was closed first lingers, here one of a server that can be
 * started again meanwhile, as servers are. */
static uint16_t leave_lingering(void) {
        uint16_t port = 0;
        int listener = bind_local(&port, true), client, server;

        ck_assert_int_ge(listener, 0);
        ck_assert_int_eq(listen(listener, 1), 0);
        client = connect_local(port);
        ck_assert_int_ge(client, 0);
        server = accept(listener, NULL, NULL);
        ck_assert_int_ge(server, 0);
        close(server);
        close(client);
        close(listener);
        return port;
}

START_TEST(reserved_ports) {
        PublishedPort port = { .protocol = IPPROTO_TCP, .container_port = 80, .count = 1 };
        uint16_t number = leave_lingering(), taken = 0;
        size_t count = 0;
        int *fds = NULL;

        ck_assert_int_eq(ip_address_parse("127.0.0.1", &port.host), 0);
        port.host_port = number;
        ck_assert_int_eq(bind_local(&number, false), -EADDRINUSE);
        ck_assert_int_ge(port_reserve(&port, AF_INET, &fds, &count, &taken), 0);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(bind_local(&number, false), -EADDRINUSE);
        ck_assert_int_eq(bind_local(&number, true), -EADDRINUSE);
        ck_assert_int_eq(connect_local(number), -ECONNREFUSED);
        ck_assert_int_eq(port_reserve(&port, AF_INET, &fds, &count, &taken), -EADDRINUSE);
        ck_assert_uint_eq(taken, number);
        close(fds[0]);
        free(fds);
}
END_TEST

START_TEST(programs) {
        expect_command(NETWORK_PASTA, "", NULL, false,
                       "pasta --config-net --quiet --runas 0 --no-netns-quit --pid /proc/self/fd/1 --netns-only "
                       "-t none -u none -T none -U none --no-map-gw --dns-forward 169.254.1.1 --netns /b/ns");
        expect_command(NETWORK_PASTA, "--map-gw,-U,auto,--dns-forward,10.0.0.1", "127.0.0.1:8080-8081:80-81/tcp,udp",
                                      true,
                       "pasta --config-net --quiet --runas 0 --no-netns-quit --pid /proc/self/fd/1 --userns /b/user "
                       "-U auto --dns-forward 10.0.0.1 -t 127.0.0.1/8080-8081:80-81 -u 127.0.0.1/8080-8081:80-81 "
                       "-T none --netns /b/ns");
        expect_command(NETWORK_SLIRP4NETNS, "", NULL, false,
                       "slirp4netns --configure --enable-sandbox --netns-type=path --disable-host-loopback --mtu=65520 "
                       "/b/ns tap0");
        expect_command(NETWORK_SLIRP4NETNS, "allow_host_loopback=true,mtu=1400,cidr=10.7.0.0/16,enable_ipv6=true",
                       "8080:80", true,
                       "slirp4netns --configure --enable-sandbox --netns-type=path --enable-ipv6 --cidr=10.7.0.0/16 "
                       "--mtu=1400 --userns-path=/b/user --api-socket=/b/api /b/ns tap0");
}
END_TEST

START_TEST(addresses_by_programs) {
        _cleanup_string_list_ StringList options = {};
        NetworkAttachment network = { .kind = NETWORK_SLIRP4NETNS };
        char server[IP_ADDRESS_TEXT], own[IP_ADDRESS_TEXT], gateway[IP_ADDRESS_TEXT];

        user_mode_name_server(&network, server);
        user_mode_addresses(&network, own, gateway);
        ck_assert_str_eq(server, "10.0.2.3");
        ck_assert_str_eq(own, "10.0.2.100");
        ck_assert_str_eq(gateway, "");
        ck_assert_int_eq(string_list_add(&options, "cidr=10.7.0.0/16"), 0);
        ck_assert_int_eq(string_list_add(&options, "allow_host_loopback=true"), 0);
        network.options = options;
        user_mode_addresses(&network, own, gateway);
        ck_assert_str_eq(own, "10.7.0.100");
        ck_assert_str_eq(gateway, "10.7.0.2");
}
END_TEST

START_TEST(link_addresses) {
        uint8_t mac[MAC_SIZE], again[MAC_SIZE];
        char text[MAC_TEXT];

        mac_for_name("berth-lan", mac);
        mac_for_name("berth-lan", again);
        ck_assert_mem_eq(mac, again, MAC_SIZE);
        /* For one interface alone, and nobody's by right. */
        ck_assert_uint_eq(mac[0] & 0x03, 0x02);
        mac_for_name("berth-wan", again);
        ck_assert_mem_ne(mac, again, MAC_SIZE);
        ck_assert_int_eq(mac_parse(mac_format(mac, text), again), 0);
        ck_assert_mem_eq(mac, again, MAC_SIZE);
        ck_assert_int_eq(mac_parse("02:00:00:00:00", mac), -EINVAL);
        ck_assert_int_eq(mac_parse("02:00:00:00:00:99x", mac), -EINVAL);
}
END_TEST

static void make_network(NetworkState *ret, const char *subnet) {
        IpPrefix prefix;

        *ret = (NetworkState) { .stem = strdup("lan"), .name = strdup("lan"), .driver = strdup("bridge"),
                                .interface = strdup("berth-lan") };
        ck_assert_int_eq(ip_prefix_parse(subnet, &prefix), 0);
        ck_assert_int_eq(network_state_add_subnet(ret, &prefix), 0);
}

static void expect_subnet(const char *text, const char *expected) {
        _cleanup_network_state_ NetworkState state = {};
        char gateway[IP_ADDRESS_TEXT], first[IP_ADDRESS_TEXT], last[IP_ADDRESS_TEXT];
        _cleanup_free_ char *found = NULL;

        make_network(&state, text);
        found = text_format("%s %s %s", ip_address_format(&state.subnets->gateway, gateway),
                            ip_address_format(&state.subnets->first, first),
                            ip_address_format(&state.subnets->last, last));
        ck_assert_str_eq(found, expected);
}

START_TEST(subnets_by_themselves) {
        expect_subnet("10.1.2.0/24", "10.1.2.1 10.1.2.1 10.1.2.254");
        expect_subnet("10.1.2.77/24", "10.1.2.1 10.1.2.1 10.1.2.254");
        expect_subnet("10.1.2.8/29", "10.1.2.9 10.1.2.9 10.1.2.14");
        expect_subnet("fd00:1::/64", "fd00:1::1 fd00:1::1 fd00:1::ffff:ffff:ffff:ffff");
}
END_TEST

START_TEST(states_are_kept) {
        _cleanup_network_state_ NetworkState state = {}, found = {}, none = {};

        make_network(&state, "10.1.2.0/24");
        state.internal = true;
        state.mtu = 1400;
        ck_assert_int_eq(network_state_write(&state), 0);
        ck_assert_int_ge(network_state_read("lan", &found), 0);
        ck_assert_str_eq(found.interface, "berth-lan");
        ck_assert(found.internal && !found.isolated);
        ck_assert_uint_eq(found.mtu, 1400);
        ck_assert_uint_eq(found.subnet_count, 1);
        ck_assert(ip_address_equal(&found.subnets->last, &state.subnets->last));
        ck_assert_int_eq(network_state_read("wan", &none), -ENOENT);
}
END_TEST

START_TEST(choosing_sweeps) {
        _cleanup_network_state_ NetworkState state = {};
        _cleanup_free_ char *left = NULL;

        ck_assert_int_eq(setenv("XDG_DATA_HOME", root, 1), 0);
        ck_assert_int_eq(places_choose(SCOPE_USER), 0);
        left = path_join(place_path(PLACE_NETWORK_CHOICES), ".#lan0123456789abcdef");
        ck_assert_int_eq(make_directories_at(AT_FDCWD, place_path(PLACE_NETWORK_CHOICES), 0700), 0);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, left, "", 0, 0644), 0);
        state.stem = strdup("lan");
        ck_assert_int_eq(subnets_choose(&state, false, true), 0);
        ck_assert_uint_eq(state.subnet_count, 1);
        ck_assert_int_lt(access(left, F_OK), 0);
}
END_TEST

/* Which subnet is chosen where those are taken. */
static void expect_free(const char *taken, int family, const char *expected) {
        _cleanup_string_list_ StringList words = {};
        IpPrefix prefixes[8], found;
        char text[IP_PREFIX_TEXT];
        int r;

        ck_assert_int_eq(string_list_add_split(&words, taken, strlen(taken), " "), 0);
        for (size_t i = 0; i < words.count; i++)
                ck_assert_int_eq(ip_prefix_parse(words.items[i], &prefixes[i]), 0);
        r = subnet_find_free(prefixes, words.count, family, &found);
        if (!expected) {
                ck_assert_int_eq(r, -ENOSPC);
                return;
        }
        ck_assert_int_eq(r, 0);
        ck_assert_str_eq(ip_prefix_format(&found, text), expected);
}

START_TEST(free_subnets) {
        expect_free("", AF_INET, "10.89.0.0/24");
        expect_free("192.168.0.0/16 fd00::/8", AF_INET, "10.89.0.0/24");
        expect_free("10.89.0.0/24 10.89.2.0/24", AF_INET, "10.89.1.0/24");
        expect_free("10.89.0.77/32 10.89.1.0/25 10.89.2.128/25", AF_INET, "10.89.3.0/24");
        expect_free("10.89.0.0/16", AF_INET, "10.90.0.0/24");
        expect_free("10.64.0.0/10 10.128.0.0/10 10.192.0.0/11 10.224.0.0/12 10.240.0.0/13 10.248.0.0/14 10.252.0.0/15",
                    AF_INET, "10.254.0.0/24");
        expect_free("10.0.0.0/8", AF_INET, NULL);
        expect_free("fd00::/8", AF_INET6, NULL);
}
END_TEST

START_TEST(free_subnets_of_ipv6) {
        const IpPrefix half = { .address = { .family = AF_INET6, .bytes = { 0xfd, 0x80 } }, .length = 9 };

        for (unsigned i = 0; i < 20; i++) {
                IpPrefix found;

                ck_assert_int_eq(subnet_find_free(&half, 1, AF_INET6, &found), 0);
                ck_assert_uint_eq(found.length, 64);
                ck_assert_uint_eq(found.address.bytes[0], 0xfd);
                ck_assert(!ip_prefix_overlaps(&found, &half));
        }
}
END_TEST

static void expect_network_rules(unsigned flags, const char *owner, const char *expected) {
        IpPrefix subnets[2];
        const TableNetwork network = {
                .interface = "berth-lan", .owner = owner, .subnets = subnets, .subnet_count = 2, .flags = flags
        };
        _cleanup_text_ Text text = {};

        ck_assert_int_eq(ip_prefix_parse("10.1.2.77/24", &subnets[0]), 0);
        ck_assert_int_eq(ip_prefix_parse("fd00:1::/64", &subnets[1]), 0);
        tables_append_network(&text, "add", &network);
        ck_assert_str_eq(text.data, expected);
}

#define NETWORKS(set) \
        "add element inet berth " set "4 { 10.1.2.0/24 comment \"u\" }\n" \
        "add element inet berth " set "6 { fd00:1::/64 comment \"u\" }\n"
#define BOTH \
        "add element inet berth networks4 { 10.1.2.0/24 comment \"u\" }\n" \
        "add element inet berth translated4 { 10.1.2.0/24 comment \"u\" }\n" \
        "add element inet berth networks6 { fd00:1::/64 comment \"u\" }\n" \
        "add element inet berth translated6 { fd00:1::/64 comment \"u\" }\n"
#define BRIDGE \
        "add element inet berth bridges { \"berth-lan\" comment \"u\" }\n" \
        "add element inet berth within { \"berth-lan\" . \"berth-lan\" }\n"

START_TEST(rules_of_networks) {
        expect_network_rules(0, "u", BRIDGE BOTH);
        expect_network_rules(TABLE_NETWORK_ISOLATED, "u",
                             BRIDGE "add element inet berth isolated { \"berth-lan\" comment \"u\" }\n" BOTH);
        /* What goes nowhere is not translated. */
        expect_network_rules(TABLE_NETWORK_INTERNAL, "u",
                             BRIDGE "add element inet berth internal { \"berth-lan\" comment \"u\" }\n"
                                    NETWORKS("networks"));
        expect_network_rules(TABLE_NETWORK_PLAIN, "u", BRIDGE NETWORKS("networks"));
        /* A comment that would end too early is none. */
        expect_network_rules(TABLE_NETWORK_PLAIN, "a\" }",
                             "add element inet berth bridges { \"berth-lan\" }\n"
                             "add element inet berth within { \"berth-lan\" . \"berth-lan\" }\n"
                             "add element inet berth networks4 { 10.1.2.0/24 }\n"
                             "add element inet berth networks6 { fd00:1::/64 }\n");
}
END_TEST

static void expect_port_rules(const char *port, const char *container, const char *expected) {
        _cleanup_published_ports_ PublishedPorts ports = {};
        _cleanup_text_ Text text = {};
        TablePort entry;

        ck_assert_int_ge(ports_parse(port, &ports), 0);
        entry = (TablePort) { .host = ports.items->host, .protocol = protocol_name(ports.items->protocol),
                              .host_port = ports.items->host_port, .container_port = ports.items->container_port,
                              .count = ports.items->count };
        ck_assert_int_eq(ip_address_parse(container, &entry.container), 0);
        if (entry.host.family == AF_UNSPEC)
                entry.host.family = entry.container.family;
        tables_append_port(&text, "delete", &entry, "u");
        ck_assert_str_eq(text.data, expected);
}

START_TEST(rules_of_ports) {
        expect_port_rules("8080:80", "10.1.2.3",
                          "delete element inet berth ports4 { tcp . 8080 comment \"u\" : 10.1.2.3 . 80 }\n");
        expect_port_rules("127.0.0.1:53:5353/udp", "10.1.2.3",
                          "delete element inet berth ports4_at { 127.0.0.1 . udp . 53 comment \"u\" : 10.1.2.3 . 5353 "
                          "}\n");
        expect_port_rules("9000-9009:9000-9009/sctp", "fd00:1::3",
                          "delete element inet berth ranges6 { sctp . 9000-9009 comment \"u\" : fd00:1::3 }\n");
        expect_port_rules("[fd00::1]:81-82:80-81", "fd00:1::3",
                          "delete element inet berth ports6_at { fd00::1 . tcp . 81 comment \"u\" : fd00:1::3 . 80 }\n"
                          "delete element inet berth ports6_at { fd00::1 . tcp . 82 comment \"u\" : fd00:1::3 . 81 "
                          "}\n");
}
END_TEST

/* As the kernel has them: parts of four bytes. */
START_TEST(values_of_elements) {
        static const uint8_t expected[] = { 10, 1, 2, 3, 6, 0, 0, 0, 0x1f, 0x90, 0, 0 };
        const uint8_t address[] = { 10, 1, 2, 3 }, protocol = 6, port[] = { 0x1f, 0x90 };
        ElementValue value = {};

        element_value_add(&value, address, sizeof(address));
        element_value_add(&value, &protocol, sizeof(protocol));
        element_value_add(&value, port, sizeof(port));
        ck_assert_uint_eq(value.size, sizeof(expected));
        ck_assert_mem_eq(value.bytes, expected, sizeof(expected));
}
END_TEST

static void choose(const NetworkState *network, const Bundle *bundle, const char *expected) {
        IpAddress address;
        char text[IP_ADDRESS_TEXT];

        ck_assert_int_ge(lease_choose(network, network->subnets, bundle, &address), 0);
        ck_assert_str_eq(ip_address_format(&address, text), expected);
}

/* Five in turn, then none; what is given back is the next one's, and only by who has it. */
START_TEST(leases_in_turn) {
        _cleanup_free_ char *owner = NULL;
        _cleanup_bundle_ Bundle bundle = { .stem = strdup("web"), .id = strdup("web"), .path = strdup(root),
                                           .fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
        _cleanup_network_state_ NetworkState network = {};
        IpAddress address;

        make_network(&network, "10.1.2.0/29");
        ck_assert_int_eq(network_state_write(&network), 0);
        choose(&network, &bundle, "10.1.2.2");
        choose(&network, &bundle, "10.1.2.3");
        ck_assert_int_eq(lease_release("lan/10.1.2.2", "web"), 0);
        choose(&network, &bundle, "10.1.2.4");
        choose(&network, &bundle, "10.1.2.5");
        choose(&network, &bundle, "10.1.2.6");
        choose(&network, &bundle, "10.1.2.2");
        ck_assert_int_eq(lease_choose(&network, network.subnets, &bundle, &address), -ENOSPC);
        ck_assert_int_eq(lease_release("lan/10.1.2.5", "other"), 0);
        ck_assert_int_eq(ip_address_parse("10.1.2.5", &address), 0);
        ck_assert_int_eq(lease_take(&network, &address, &bundle), -EEXIST);
        ck_assert_int_ge(lease_owner("lan", &address, &owner), 0);
        ck_assert_str_eq(owner, "web");
        ck_assert_int_eq(lease_release("../lan/10.1.2.5", "web"), -EBADMSG);
        ck_assert_int_eq(lease_release("lan/network", "web"), -EBADMSG);
        ck_assert_int_eq(lease_release("lan/10.1.2.5", "web"), 0);
        ck_assert_int_eq(lease_release("lan/10.1.2.5", "web"), 0);
        choose(&network, &bundle, "10.1.2.5");
}
END_TEST

START_TEST(ports_as_text) {
        _cleanup_string_list_ StringList list = {};
        TablePort items[] = {
                { .host = { .family = AF_INET },
                  .protocol = "tcp",
                  .host_port = 8080,
                  .container_port = 80,
                  .count = 1 },
                { .host = { .family = AF_INET }, .protocol = "udp", .host_port = 90, .container_port = 90, .count = 3 },
                { .host = { .family = AF_INET }, .protocol = "tcp", .host_port = 1, .container_port = 1, .count = 1 },
        };
        NetworkUser user = { .ports = { .items = items, .count = ARRAY_SIZE(items) } };
        Attachment attachment = { .address_count = 1 };

        ck_assert_int_eq(ip_prefix_parse("10.1.2.3/24", &attachment.addresses[0]), 0);
        items[0].container = items[1].container = attachment.addresses[0].address;
        ck_assert_int_eq(ip_address_parse("127.0.0.1", &items[1].host), 0);
        ck_assert_int_eq(ip_address_parse("10.9.9.9", &items[2].container), 0);
        ck_assert_int_ge(network_user_list_ports(&user, &attachment, &list), 0);
        ck_assert_uint_eq(list.count, 2);
        ck_assert_str_eq(list.items[0], "8080:80/tcp");
        ck_assert_str_eq(list.items[1], "127.0.0.1:90-92:90-92/udp");
}
END_TEST

/* A program takes them in, whatever address the container has. */
START_TEST(ports_of_the_first_network) {
        _cleanup_string_list_ StringList first = {}, second = {};
        TablePort port = {
                .host = { .family = AF_INET },
                .container = { .family = AF_INET },
                .protocol = "tcp",
                .host_port = 8080,
                .container_port = 80,
                .count = 1,
        };
        Attachment attachments[2] = {};
        const NetworkUser user = {
                .ports = { .items = &port, .count = 1 },
                .attachments = { .items = attachments, .count = ARRAY_SIZE(attachments) },
        };

        ck_assert_int_ge(network_user_list_ports(&user, &attachments[0], &first), 0);
        ck_assert_int_ge(network_user_list_ports(&user, &attachments[1], &second), 0);
        ck_assert_uint_eq(first.count, 1);
        ck_assert_str_eq(first.items[0], "8080:80/tcp");
        ck_assert_uint_eq(second.count, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("network");
        TCase *tests = tcase_create("network");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, published_ports);
        tcase_add_test(tests, ports_that_are_none);
        tcase_add_test(tests, reserved_ports);
        tcase_add_test(tests, programs);
        tcase_add_test(tests, addresses_by_programs);
        tcase_add_test(tests, link_addresses);
        tcase_add_test(tests, subnets_by_themselves);
        tcase_add_test(tests, choosing_sweeps);
        tcase_add_test(tests, free_subnets);
        tcase_add_test(tests, free_subnets_of_ipv6);
        tcase_add_test(tests, rules_of_networks);
        tcase_add_test(tests, rules_of_ports);
        tcase_add_test(tests, values_of_elements);
        tcase_add_test(tests, states_are_kept);
        tcase_add_test(tests, leases_in_turn);
        tcase_add_test(tests, ports_as_text);
        tcase_add_test(tests, ports_of_the_first_network);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
