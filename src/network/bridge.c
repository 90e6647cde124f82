/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks on the machine. */
#include "network/bridge.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/text.h"
#include "kind/network-needs.h"
#include "network/firewalld.h"
#include "network/foreign-filter.h"
#include "network/mac.h"
#include "network/netlink.h"
#include "network/tables.h"
#include "source/places.h"

static bool is_bridge(const NetworkState *state) {
        return streq(state->driver, "bridge");
}

/* What an address of ours is on the bridge: the gateway's, in the subnet. */
static bool has_gateway(const NetworkState *state, const IpPrefix *address) {
        for (size_t i = 0; i < state->subnet_count; i++)
                if (ip_address_equal(&state->subnets[i].gateway, &address->address) &&
                    state->subnets[i].subnet.length == address->length)
                        return true;
        return false;
}

typedef struct OldAddresses {
        const NetworkState *state;
        IpPrefix items[16];
        size_t count;
} OldAddresses;

static bool is_link_local(const IpAddress *address) {
        return address->family == AF_INET6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

static int note_old(const IpPrefix *address, void *userdata) {
        OldAddresses *old = userdata;

        if (!is_link_local(&address->address) && !has_gateway(old->state, address) &&
            old->count < ARRAY_SIZE(old->items))
                old->items[old->count++] = *address;
        return 0;
}

/* What the file said before it was changed goes. */
static int set_addresses(Netlink *netlink, const NetworkState *state, unsigned index) {
        OldAddresses old = { .state = state };
        int r = netlink_each_address(netlink, index, note_old, &old);

        for (size_t i = 0; r >= 0 && i < old.count; i++)
                r = netlink_delete_address(netlink, index, &old.items[i]);
        for (size_t i = 0; r >= 0 && i < state->subnet_count; i++) {
                IpPrefix address = { state->subnets[i].gateway, state->subnets[i].subnet.length };

                if (address.address.family != AF_UNSPEC)
                        r = netlink_add_address(netlink, index, &address);
        }
        return r;
}

/* Before it has addresses: their routes are to be in the device's own table. */
static int join_vrf(Netlink *netlink, const NetworkState *state, unsigned index, Diagnostics *diagnostics) {
        int vrf = state->vrf ? netlink_find_link(netlink, state->vrf) : 0;

        if (vrf == -ENODEV)
                return diagnose_error(diagnostics, NULL, "the machine has no interface \"%s\" for vrf=", state->vrf);
        return vrf <= 0 ? vrf : netlink_set_master(netlink, index, (unsigned) vrf);
}

static int make_bridge(const NetworkState *state, Diagnostics *diagnostics) {
        _cleanup_netlink_ Netlink *netlink = NULL;
        uint8_t mac[MAC_SIZE];
        int r, index;

        mac_for_name(state->interface, mac);
        r = netlink_open(&netlink);
        if (r < 0)
                return r;
        index = netlink_find_link(netlink, state->interface);
        if (index == -ENODEV && !state->unmanaged)
                index = netlink_add_bridge(netlink, &(BridgeRequest) { .name = state->interface,
                                                                       .mac = mac,
                                                                       .mtu = state->mtu,
                                                                       .vlan = state->vlan });
        if (index < 0 || state->unmanaged)
                return index;
        r = join_vrf(netlink, state, (unsigned) index, diagnostics);
        if (r >= 0)
                r = netlink_set_up(netlink, (unsigned) index);
        return r < 0 ? r : set_addresses(netlink, state, (unsigned) index);
}

static int set_kernel(const char *format, const char *name, const char *value) {
        _cleanup_free_ char *path = name ? text_format("/proc/sys/net/%s/%s/%s", format, name, value) : NULL;

        return path ? write_virtual_file_at(AT_FDCWD, path, "1") : -ENOMEM;
}

/* Both for the machine, as everything that routes needs it; and for a bridge that the machine's
 * loopback addresses may lead to, see tables.c. */
static int set_forwarding(const NetworkState *state) {
        int r = 0;

        if (network_state_has(state, AF_INET)) {
                r = set_kernel("ipv4/conf", state->interface, "route_localnet");
                if (r >= 0 && !state->internal)
                        r = write_virtual_file_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", "1");
        }
        if (r >= 0 && network_state_has(state, AF_INET6) && !state->internal)
                r = set_kernel("ipv6/conf", "all", "forwarding");
        return r;
}

static char *owner_of(const NetworkState *state) {
        return text_format("container-network@%s.service", state->stem);
}

static int with_table(const NetworkState *state, int (*change)(const TableNetwork *network, void *userdata),
                      void *userdata) {
        _cleanup_free_ IpPrefix *subnets = calloc(state->subnet_count + 1, sizeof(*subnets));
        _cleanup_free_ char *owner = owner_of(state);
        TableNetwork network = {
                .interface = state->interface,
                .owner = owner,
                .subnets = subnets,
                .subnet_count = state->subnet_count,
                .outbound4 = state->outbound4,
                .outbound6 = state->outbound6,
                .flags = (state->internal ? TABLE_NETWORK_INTERNAL : 0U) |
                         (state->isolated ? TABLE_NETWORK_ISOLATED : 0U),
        };

        if (!subnets || !owner)
                return -ENOMEM;
        for (size_t i = 0; i < state->subnet_count; i++)
                subnets[i] = state->subnets[i].subnet;
        return change(&network, userdata);
}

static int add_to_table(const TableNetwork *network, void *message) {
        return tables_add_network(network, message);
}

static int remove_from_table(const TableNetwork *network, void *unused _unused_) {
        return tables_remove_network(network);
}

static int fill_table(const NetworkState *state, Diagnostics *diagnostics) {
        _cleanup_free_ char *message = NULL;
        int r = with_table(state, add_to_table, &message);

        if (r == -EPROTO)
                return diagnose_error(diagnostics, NULL, "the kernel's packet filter refuses the network %s: %s",
                                      state->stem, message ?: "");
        return r;
}

/* Whatever others have in the packet filter, and what firewalld makes of it: nothing where a user's
 * networks are. */
static int pass_others(const NetworkState *state, Diagnostics *diagnostics) {
        _cleanup_free_ char *owner = owner_of(state), *dropping = NULL;
        int r;

        if (places_scope() == SCOPE_USER)
                return 0;
        r = owner ? foreign_filter_open(state->interface, owner, &dropping) : -ENOMEM;
        if (r == -EPROTO)
                diagnose_warning(diagnostics, NULL, "other tables of the packet filter cannot be looked at for what "
                                 "they drop of the network %s", state->stem);
        else if (r < 0)
                return r;
        if (dropping && !state->internal)
                diagnose_warning(diagnostics, NULL,
                                 "the %s drops what is forwarded by default: containers on the network %s are reached "
                                 "from the machine alone, unless that chain lets pass what comes from and goes to "
                                 "\"%s\"",
                                 dropping, state->stem, state->interface);
        r = firewalld_trust(state->interface);
        if (r < 0 && r != -ENOPKG)
                diagnose_warning(diagnostics, NULL, "firewalld does not take \"%s\" into its zone \"trusted\": %s",
                                 state->interface, strerror(-r));
        return 0;
}

int network_restore(const NetworkState *state, Diagnostics *diagnostics) {
        int r;

        if (!is_bridge(state) || state->unmanaged)
                return 0;
        r = network_require(true, diagnostics);
        if (r >= 0)
                r = set_forwarding(state);
        if (r >= 0)
                r = fill_table(state, diagnostics);
        return r < 0 ? r : pass_others(state, diagnostics);
}

int network_up(const NetworkState *state, Diagnostics *diagnostics) {
        int r;

        if (!is_bridge(state))
                return 0;
        r = make_bridge(state, diagnostics);
        if (r == -ENODEV)
                return diagnose_error(diagnostics, NULL, "the machine has no interface \"%s\" for mode=unmanaged",
                                      state->interface);
        return r < 0 ? r : network_restore(state, diagnostics);
}

/* On a network that podman keeps, its containers may be. */
static bool has_ports(const NetworkState *state) {
        _cleanup_free_ char *path = text_format("/sys/class/net/%s/brif", state->interface);
        _cleanup_string_list_ StringList ports = {};

        return !path || directory_list(path, &ports) < 0 || ports.count > 0;
}

static int remove_from_filter(const NetworkState *state) {
        _cleanup_free_ char *owner = owner_of(state);
        int r = with_table(state, remove_from_table, NULL), s = owner ? 0 : -ENOMEM;

        if (owner && places_scope() == SCOPE_SYSTEM)
                s = foreign_filter_close(owner);
        return r < 0 ? r : s;
}

int network_forget(const NetworkState *state) {
        return is_bridge(state) && !state->unmanaged ? remove_from_filter(state) : 0;
}

int network_down(const NetworkState *state) {
        _cleanup_netlink_ Netlink *netlink = NULL;
        int r, s;

        if (!is_bridge(state) || state->unmanaged)
                return 0;
        s = remove_from_filter(state);
        if (state->podman && has_ports(state))
                return s;
        r = netlink_open(&netlink);
        if (r >= 0)
                r = netlink_delete_link(netlink, state->interface);
        return r < 0 ? r : s;
}
