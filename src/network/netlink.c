/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces, addresses and routes, by rtnetlink(7). */
#include "network/netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <sys/random.h>


static unsigned char put_prefix(struct nlmsghdr *header, uint16_t type, const IpPrefix *prefix) {
        message_put(header, type, prefix->address.bytes, ip_bits(prefix->address.family) / 8);
        return (unsigned char) prefix->length;
}

static void put_link(struct nlmsghdr *header, const char *name, const uint8_t *mac, uint32_t mtu) {
        enum { MAC_SIZE = 6 };

        if (name)
                message_put(header, IFLA_IFNAME, name, strlen(name) + 1);
        if (mac)
                message_put(header, IFLA_ADDRESS, mac, MAC_SIZE);
        if (mtu > 0)
                message_put_u32(header, IFLA_MTU, mtu);
}

/* A new interface that is up once it is there. */
static struct nlmsghdr *begin_link(Message *message) {
        struct nlmsghdr *header = message_begin(message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));

        link->ifi_family = AF_UNSPEC;
        link->ifi_flags = link->ifi_change = IFF_UP;
        return header;
}

static int change_link(Netlink *netlink, unsigned index, unsigned flags) {
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_NEWLINK, 0);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));

        link->ifi_family = AF_UNSPEC;
        link->ifi_index = (int) index;
        link->ifi_flags = link->ifi_change = flags;
        return netlink_talk(netlink, header);
}

int netlink_set_master(Netlink *netlink, unsigned index, unsigned master) {
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_NEWLINK, 0);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));

        link->ifi_family = AF_UNSPEC;
        link->ifi_index = (int) index;
        message_put_u32(header, IFLA_MASTER, master);
        return netlink_talk(netlink, header);
}

int netlink_set_up(Netlink *netlink, unsigned index) {
        return change_link(netlink, index, IFF_UP);
}

static int take_link(const struct nlmsghdr *header, void *userdata) {
        const struct ifinfomsg *link = message_payload(header);
        int *index = userdata;

        *index = link->ifi_index;
        return 1;
}

int netlink_find_link(Netlink *netlink, const char *name) {
        int index = -ENODEV;
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_GETLINK, 0);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));
        int r;

        link->ifi_family = AF_UNSPEC;
        put_link(header, name, NULL, 0);
        r = netlink_ask(netlink, header, take_link, &index);
        return r < 0 ? r : index;
}

int netlink_add_bridge(Netlink *netlink, const BridgeRequest *request) {
        Message message;
        struct nlmsghdr *header = begin_link(&message);
        struct nlattr *info, *data;
        int r;

        put_link(header, request->name, request->mac, request->mtu);
        info = message_nest(header, IFLA_LINKINFO);
        message_put(header, IFLA_INFO_KIND, "bridge", sizeof("bridge"));
        data = message_nest(header, IFLA_INFO_DATA);
        if (request->vlan > 0)
                message_put(header, IFLA_BR_VLAN_FILTERING, &(uint8_t) { 1 }, 1);
        message_nest_end(header, data);
        message_nest_end(header, info);
        r = netlink_talk(netlink, header);
        return r < 0 ? r : netlink_find_link(netlink, request->name);
}

/* A packet that a container sends to itself by the machine's address leaves where it came from. */
static void put_port(struct nlmsghdr *header, const VethRequest *request) {
        struct nlattr *data = message_nest(header, IFLA_INFO_SLAVE_DATA);

        message_put(header, IFLA_BRPORT_MODE, &(uint8_t) { 1 }, 1);
        if (request->isolated)
                message_put(header, IFLA_BRPORT_ISOLATED, &(uint8_t) { 1 }, 1);
        message_nest_end(header, data);
}

/* It cannot be brought up before it has got to know the other end. */
static void put_peer(struct nlmsghdr *header, const VethRequest *request) {
        struct nlattr *data = message_nest(header, IFLA_INFO_DATA), *peer = message_nest(header, VETH_INFO_PEER);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));

        link->ifi_family = AF_UNSPEC;
        put_link(header, request->name, request->mac, request->mtu);
        message_put_u32(header, IFLA_NET_NS_FD, (uint32_t) request->namespace_fd);
        message_nest_end(header, peer);
        message_nest_end(header, data);
}

static int add_pair(Netlink *netlink, const VethRequest *request, const char *name) {
        Message message;
        struct nlmsghdr *header = begin_link(&message);
        struct nlattr *info;

        put_link(header, name, NULL, request->mtu);
        message_put_u32(header, IFLA_MASTER, request->bridge);
        info = message_nest(header, IFLA_LINKINFO);
        message_put(header, IFLA_INFO_KIND, "veth", sizeof("veth"));
        put_peer(header, request);
        message_nest_end(header, info);
        return netlink_talk(netlink, header);
}

static int set_port(Netlink *netlink, const char *name, const VethRequest *request) {
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_NEWLINK, 0);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));
        struct nlattr *info;

        link->ifi_family = AF_UNSPEC;
        put_link(header, name, NULL, 0);
        info = message_nest(header, IFLA_LINKINFO);
        message_put(header, IFLA_INFO_SLAVE_KIND, "bridge", sizeof("bridge"));
        put_port(header, request);
        message_nest_end(header, info);
        return netlink_talk(netlink, header);
}

static int set_vlan(Netlink *netlink, const char *name, uint16_t vlan) {
        int index = netlink_find_link(netlink, name);
        struct bridge_vlan_info info = { .flags = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, .vid = vlan };
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_SETLINK, 0);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));
        struct nlattr *nest;

        if (index < 0)
                return index;
        link->ifi_family = AF_BRIDGE;
        link->ifi_index = index;
        nest = message_nest(header, IFLA_AF_SPEC);
        message_put(header, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
        message_nest_end(header, nest);
        return netlink_talk(netlink, header);
}

/* The interface of a container that ended a moment ago may be there still, so no name is tied to a
 * container; and only newer kernels tell which name they have chosen. */
int netlink_add_veth(Netlink *netlink, const VethRequest *request) {
        char name[IFNAMSIZ];
        int r;

        do {
                uint32_t number;

                if (getrandom(&number, sizeof(number), 0) != sizeof(number))
                        return -EIO;
                snprintf(name, sizeof(name), "veth%08x", number);
                r = add_pair(netlink, request, name);
        } while (r == -EEXIST);
        if (r >= 0)
                r = set_port(netlink, name, request);
        return r < 0 || request->vlan == 0 ? r : set_vlan(netlink, name, request->vlan);
}

/* IFLA_MACVLAN_BC_CUTOFF, of Linux 6.4; one that is older does not look at it. */
enum { MACVLAN_BROADCAST_LIMIT = 9 };

int netlink_add_slave(Netlink *netlink, const SlaveRequest *request) {
        bool macvlan = streq(request->kind, "macvlan");
        Message message;
        struct nlmsghdr *header = begin_link(&message);
        struct nlattr *info, *data;

        put_link(header, request->name, request->mac, request->mtu);
        message_put_u32(header, IFLA_LINK, request->parent);
        message_put_u32(header, IFLA_NET_NS_FD, (uint32_t) request->namespace_fd);
        info = message_nest(header, IFLA_LINKINFO);
        message_put(header, IFLA_INFO_KIND, request->kind, strlen(request->kind) + 1);
        data = message_nest(header, IFLA_INFO_DATA);
        if (macvlan)
                message_put_u32(header, IFLA_MACVLAN_MODE, request->mode);
        if (macvlan && request->broadcast_limit)
                message_put_u32(header, MACVLAN_BROADCAST_LIMIT, (uint32_t) *request->broadcast_limit);
        if (!macvlan)
                message_put(header, IFLA_IPVLAN_MODE, &(uint16_t) { (uint16_t) request->mode }, sizeof(uint16_t));
        if (!macvlan && request->flags)
                message_put(header, IFLA_IPVLAN_FLAGS, &(uint16_t) { (uint16_t) request->flags }, sizeof(uint16_t));
        message_nest_end(header, data);
        message_nest_end(header, info);
        return netlink_talk(netlink, header);
}

int netlink_delete_link(Netlink *netlink, const char *name) {
        int index = netlink_find_link(netlink, name), r;
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_DELLINK, 0);
        struct ifinfomsg *link = message_extra(header, sizeof(*link));

        if (index < 0)
                return index == -ENODEV ? 0 : index;
        link->ifi_family = AF_UNSPEC;
        link->ifi_index = index;
        r = netlink_talk(netlink, header);
        return r == -ENODEV ? 0 : r;
}

static int change_address(Netlink *netlink, uint16_t type, unsigned flags, unsigned index, const IpPrefix *address) {
        Message message;
        struct nlmsghdr *header = message_begin(&message, type, flags);
        struct ifaddrmsg *body = message_extra(header, sizeof(*body));
        IpPrefix last = { .address = ip_prefix_last(address), .length = address->length };
        bool v4 = address->address.family == AF_INET;

        *body = (struct ifaddrmsg) {
                .ifa_family = (uint8_t) address->address.family,
                .ifa_flags = v4 ? 0 : IFA_F_NODAD,
                .ifa_index = index,
        };
        body->ifa_prefixlen = put_prefix(header, IFA_LOCAL, address);
        (void) put_prefix(header, IFA_ADDRESS, address);
        if (v4 && address->length < 31)
                (void) put_prefix(header, IFA_BROADCAST, &last);
        return netlink_talk(netlink, header);
}

int netlink_add_address(Netlink *netlink, unsigned index, const IpPrefix *address) {
        int r = change_address(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, address);

        return r == -EEXIST ? 0 : r;
}

int netlink_delete_address(Netlink *netlink, unsigned index, const IpPrefix *address) {
        int r = change_address(netlink, RTM_DELADDR, 0, index, address);

        return r == -EADDRNOTAVAIL ? 0 : r;
}

int netlink_add_route(Netlink *netlink, const IpPrefix *destination, const IpAddress *gateway, unsigned index,
                      uint32_t metric) {
        Message message;
        struct nlmsghdr *header = message_begin(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
        struct rtmsg *body = message_extra(header, sizeof(*body));
        int family = destination->address.family, r;

        *body = (struct rtmsg) {
                .rtm_family = (uint8_t) family,
                .rtm_table = RT_TABLE_MAIN,
                .rtm_protocol = RTPROT_STATIC,
                .rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                .rtm_type = RTN_UNICAST,
        };
        body->rtm_dst_len = destination->length == 0 ? 0 : put_prefix(header, RTA_DST, destination);
        if (gateway)
                message_put(header, RTA_GATEWAY, gateway->bytes, ip_bits(family) / 8);
        message_put_u32(header, RTA_OIF, index);
        if (metric > 0)
                message_put_u32(header, RTA_PRIORITY, metric);
        r = netlink_talk(netlink, header);
        return r == -EEXIST ? 0 : r;
}

/* The value of an attribute, NULL when it is not there or shorter than `size`. */
static const void *find_attribute(const struct nlmsghdr *header, size_t body_size, uint16_t type, size_t size) {
        const char *end = (const char *) header + header->nlmsg_len,
                   *p = (const char *) message_payload(header) + NLMSG_ALIGN(body_size);

        while (p + sizeof(struct nlattr) <= end) {
                const struct nlattr *attribute = (const void *) p;

                if (attribute->nla_len < sizeof(*attribute) || p + attribute->nla_len > end)
                        return NULL;
                if ((attribute->nla_type & NLA_TYPE_MASK) == type)
                        return attribute->nla_len >= sizeof(*attribute) + size ? attribute + 1 : NULL;
                p += NLA_ALIGN(attribute->nla_len);
        }
        return NULL;
}

static bool find_address(const struct nlmsghdr *header, size_t body_size, uint16_t type, int family, IpAddress *ret) {
        size_t size = ip_bits(family) / 8;
        const void *value = find_attribute(header, body_size, type, size);

        if (!value)
                return false;
        *ret = (IpAddress) { .family = family };
        memcpy(ret->bytes, value, size);
        return true;
}

typedef struct Routes {
        int (*handle)(const IpPrefix *destination, unsigned index, void *userdata);
        void *userdata;
} Routes;

static int take_route(const struct nlmsghdr *header, void *userdata) {
        const struct rtmsg *body = message_payload(header);
        const Routes *routes = userdata;
        IpPrefix destination = { .length = body->rtm_dst_len };
        const uint32_t *index;

        if ((body->rtm_family != AF_INET && body->rtm_family != AF_INET6) || body->rtm_dst_len == 0 ||
            (body->rtm_type != RTN_UNICAST && body->rtm_type != RTN_LOCAL) ||
            !find_address(header, sizeof(*body), RTA_DST, body->rtm_family, &destination.address))
                return 0;
        index = find_attribute(header, sizeof(*body), RTA_OIF, sizeof(*index));
        return routes->handle(&destination, index ? *index : 0, routes->userdata);
}

static struct nlmsghdr *begin_dump(Message *message, uint16_t type, int family, size_t size) {
        struct nlmsghdr *header = message_begin(message, type, NLM_F_DUMP);

        *(uint8_t *) message_extra(header, size) = (uint8_t) family;
        return header;
}

int netlink_each_route(Netlink *netlink, int (*handle)(const IpPrefix *destination, unsigned index, void *userdata),
                       void *userdata) {
        Message message;
        struct nlmsghdr *header = begin_dump(&message, RTM_GETROUTE, AF_UNSPEC, sizeof(struct rtmsg));

        return netlink_ask(netlink, header, take_route, &(Routes) { handle, userdata });
}

typedef struct Addresses {
        unsigned index;
        int (*handle)(const IpPrefix *address, void *userdata);
        void *userdata;
} Addresses;

static int take_address(const struct nlmsghdr *header, void *userdata) {
        const struct ifaddrmsg *body = message_payload(header);
        const Addresses *addresses = userdata;
        IpPrefix address = { .length = body->ifa_prefixlen };

        if (body->ifa_index != addresses->index || (body->ifa_family != AF_INET && body->ifa_family != AF_INET6) ||
            (!find_address(header, sizeof(*body), IFA_LOCAL, body->ifa_family, &address.address) &&
             !find_address(header, sizeof(*body), IFA_ADDRESS, body->ifa_family, &address.address)))
                return 0;
        return addresses->handle(&address, addresses->userdata);
}

int netlink_each_address(Netlink *netlink, unsigned index, int (*handle)(const IpPrefix *address, void *userdata),
                         void *userdata) {
        Message message;
        struct nlmsghdr *header = begin_dump(&message, RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg));

        return netlink_ask(netlink, header, take_address, &(Addresses) { index, handle, userdata });
}

static int take_default(const struct nlmsghdr *header, void *userdata) {
        const struct rtmsg *body = message_payload(header);
        const uint32_t *index = find_attribute(header, sizeof(*body), RTA_OIF, sizeof(*index));
        unsigned *found = userdata;

        if (body->rtm_dst_len != 0 || body->rtm_table != RT_TABLE_MAIN || body->rtm_type != RTN_UNICAST || !index)
                return 0;
        *found = *index;
        return 1;
}

int netlink_find_default(Netlink *netlink, int family) {
        unsigned index = 0;
        Message message;
        struct nlmsghdr *header = begin_dump(&message, RTM_GETROUTE, family, sizeof(struct rtmsg));
        int r = netlink_ask(netlink, header, take_default, &index);

        if (r < 0)
                return r;
        return index > 0 ? (int) index : -ENODEV;
}
