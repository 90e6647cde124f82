/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container on a network. */
#include "network/attachment.h"

#include <errno.h>
#include <linux/if_link.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/record.h"
#include "network/netlink.h"

#define ATTACHMENTS_FILE "network"

enum { ROUTE_METRIC = 100 /* as netavark has it */ };

const IpAddress *attachment_address(const Attachment *attachment, int family) {
        for (size_t i = 0; i < attachment->address_count; i++)
                if (attachment->addresses[i].address.family == family)
                        return &attachment->addresses[i].address;
        return NULL;
}

bool attachments_have(const Attachments *attachments, const char *address) {
        IpAddress wanted;

        if (ip_address_parse(address, &wanted) < 0)
                return false;
        for (size_t i = 0; i < attachments->count; i++)
                for (size_t j = 0; j < attachments->items[i].address_count; j++)
                        if (ip_address_equal(&attachments->items[i].addresses[j].address, &wanted))
                                return true;
        return false;
}

static uint32_t slave_mode(const NetworkState *network) {
        static const struct {
                const char *driver, *name;
                uint32_t mode;
        } modes[] = {
                { "macvlan", "private", MACVLAN_MODE_PRIVATE },   { "macvlan", "vepa", MACVLAN_MODE_VEPA },
                { "macvlan", "passthru", MACVLAN_MODE_PASSTHRU }, { "ipvlan", "l3", IPVLAN_MODE_L3 },
                { "ipvlan", "l3s", IPVLAN_MODE_L3S },
        };

        for (size_t i = 0; network->mode && i < ARRAY_SIZE(modes); i++)
                if (streq(modes[i].driver, network->driver) && streq(modes[i].name, network->mode))
                        return modes[i].mode;
        return streq(network->driver, "macvlan") ? MACVLAN_MODE_BRIDGE : IPVLAN_MODE_L2;
}

static int add_slave(Netlink *netlink, const Attachment *attachment, int namespace_fd) {
        const NetworkState *network = &attachment->network;
        int parent = *network->interface ? netlink_find_link(netlink, network->interface)
                                         : netlink_find_default(netlink, AF_INET);
        int32_t limit = 0;

        if (parent < 0)
                return parent;
        if (network->broadcast_limit)
                limit = (int32_t) strtol(network->broadcast_limit, NULL, 10); /* a sound number, or -1 */
        return netlink_add_slave(netlink, &(SlaveRequest) {
                                                  .kind = network->driver,
                                                  .parent = (unsigned) parent,
                                                  .mode = slave_mode(network),
                                                  .namespace_fd = namespace_fd,
                                                  .name = attachment->interface,
                                                  .mac = streq(network->driver, "macvlan") ? attachment->mac : NULL,
                                                  .mtu = network->mtu,
                                                  .broadcast_limit = network->broadcast_limit ? &limit : NULL,
                                          });
}

static int add_port(Netlink *netlink, const Attachment *attachment, int namespace_fd) {
        int bridge = netlink_find_link(netlink, attachment->network.interface);

        if (bridge < 0)
                return bridge;
        return netlink_add_veth(netlink, &(VethRequest) {
                                                 .bridge = (unsigned) bridge,
                                                 .namespace_fd = namespace_fd,
                                                 .name = attachment->interface,
                                                 .mac = attachment->mac,
                                                 .mtu = attachment->network.mtu,
                                                 .vlan = attachment->network.vlan,
                                         });
}

/* Of several networks the first that leads out is the way out. */
static int add_default_route(Netlink *inside, const NetworkState *network, int family, unsigned index) {
        const NetworkSubnet *subnet = network_state_find(network, family);
        IpPrefix everywhere = { .address = { .family = family } };

        if (!subnet || subnet->gateway.family == AF_UNSPEC || network->internal || network->no_default_route)
                return 0;
        return netlink_add_route(inside, &everywhere, &subnet->gateway, index, network->metric ?: ROUTE_METRIC);
}

static bool has_family(const Attachment *attachment, int family) {
        return attachment_address(attachment, family) != NULL;
}

/* Of a family that the container has no address of, there is nothing that could be sent. */
static int add_static_routes(Netlink *inside, const Attachment *attachment, unsigned index) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < attachment->network.route_count; i++) {
                const NetworkRoute *route = &attachment->network.routes[i];

                if (has_family(attachment, route->gateway.family))
                        r = netlink_add_route(inside, &route->destination, &route->gateway, index, route->metric);
        }
        return r;
}

static int set_inside(Netlink *inside, const Attachment *attachment) {
        int r, index = netlink_find_link(inside, attachment->interface);

        r = index < 0 ? index : netlink_set_up(inside, (unsigned) index);
        for (size_t i = 0; r >= 0 && i < attachment->address_count; i++)
                r = netlink_add_address(inside, (unsigned) index, &attachment->addresses[i]);
        for (size_t i = 0; r >= 0 && i < attachment->address_count; i++)
                r = add_default_route(inside, &attachment->network, attachment->addresses[i].address.family,
                                      (unsigned) index);
        return r < 0 ? r : add_static_routes(inside, attachment, (unsigned) index);
}

int attachments_apply(const Attachments *attachments, int namespace_fd, const NetworkState **ret_network) {
        _cleanup_netlink_ Netlink *outside = NULL, *inside = NULL;
        int r;

        r = netlink_open(&outside);
        if (r >= 0)
                r = netlink_open_in(namespace_fd, &inside);
        if (r >= 0)
                r = netlink_set_up(inside, 1); /* the loopback device */
        for (size_t i = 0; r >= 0 && i < attachments->count; i++) {
                const Attachment *attachment = &attachments->items[i];

                r = streq(attachment->network.driver, "bridge") ? add_port(outside, attachment, namespace_fd)
                                                                : add_slave(outside, attachment, namespace_fd);
                if (r == -ENODEV)
                        *ret_network = &attachment->network;
                if (r >= 0)
                        r = set_inside(inside, attachment);
        }
        return r;
}

static void append_attachment(Text *text, const Attachment *attachment) {
        char address[IP_PREFIX_TEXT], mac[MAC_TEXT];

        record_append(text, "network", attachment->network.stem, attachment->interface,
                      mac_format(attachment->mac, mac), NULL);
        for (size_t i = 0; i < attachment->address_count; i++)
                record_append(text, "address", ip_prefix_format(&attachment->addresses[i], address), NULL);
        for (size_t i = 0; i < attachment->names.count; i++)
                record_append(text, "name", attachment->names.items[i], NULL);
        for (size_t i = 0; i < attachment->aliases.count; i++)
                record_append(text, "alias", attachment->aliases.items[i], NULL);
}

int attachments_write(const Attachments *attachments, const Bundle *bundle) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < attachments->count; i++)
                append_attachment(&text, &attachments->items[i]);
        if (text.failed)
                return -ENOMEM;
        return write_file_atomic_at(bundle->fd, ATTACHMENTS_FILE, text.data ?: "", text.length, 0600);
}

static int read_attachment(const StringList *words, Attachments *attachments) {
        Attachment *attachment;
        int r;

        if (words->count != 4)
                return -EBADMSG;
        r = ARRAY_RESERVE(attachments->items, attachments->allocated, attachments->count + 1);
        if (r < 0)
                return r;
        attachment = &attachments->items[attachments->count++];
        *attachment = (Attachment) { .interface = strdup(words->items[2]) };
        if (!attachment->interface)
                return -ENOMEM;
        if (mac_parse(words->items[3], attachment->mac) < 0)
                return -EBADMSG;
        r = network_state_read(words->items[1], &attachment->network);
        return r == -ENOENT ? -EBADMSG : r;
}

static int read_line(const StringList *words, void *userdata) {
        Attachments *attachments = userdata;
        Attachment *last = attachments->count > 0 ? &attachments->items[attachments->count - 1] : NULL;

        if (streq(words->items[0], "network"))
                return read_attachment(words, attachments);
        if (!last || words->count != 2)
                return -EBADMSG;
        if (streq(words->items[0], "name"))
                return string_list_add(&last->names, words->items[1]);
        if (streq(words->items[0], "alias"))
                return string_list_add(&last->aliases, words->items[1]);
        if (last->address_count >= ARRAY_SIZE(last->addresses) ||
            ip_prefix_parse(words->items[1], &last->addresses[last->address_count]) < 0)
                return -EBADMSG;
        last->address_count++;
        return 0;
}

int attachments_read(const Bundle *bundle, Attachments *ret) {
        *ret = (Attachments) {};
        if (bundle->fd < 0)
                return -ENOENT;
        return record_read(bundle->fd, ATTACHMENTS_FILE, false, read_line, ret);
}

int attachment_all_names(const Attachment *attachment, StringList *ret) {
        const StringList *const lists[] = { &attachment->names, &attachment->aliases };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
                for (size_t j = 0; r >= 0 && j < lists[i]->count; j++)
                        if (!string_list_contains(ret, lists[i]->items[j]))
                                r = string_list_add(ret, lists[i]->items[j]);
        return r;
}

void attachments_done(Attachments *attachments) {
        for (size_t i = 0; i < attachments->count; i++) {
                network_state_done(&attachments->items[i].network);
                free(attachments->items[i].interface);
                string_list_done(&attachments->items[i].names);
                string_list_done(&attachments->items[i].aliases);
        }
        free(attachments->items);
        *attachments = (Attachments) {};
}
