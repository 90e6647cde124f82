/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network as it is on this machine. */
#include "network/networks.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "host/record.h"
#include "source/places.h"

#define STATE_FILE "network"

char *network_directory(const char *stem) {
        return path_join(place_path(PLACE_NETWORKS), stem);
}

int networks_lock(void) {
        return make_locked_directory(place_path(PLACE_NETWORKS));
}

/* Numbers and words with a name of their own. */
static const struct {
        const char *name;
        size_t offset;
} strings[] = {
        { "name", offsetof(NetworkState, name) },
        { "driver", offsetof(NetworkState, driver) },
        { "interface", offsetof(NetworkState, interface) },
        { "mode", offsetof(NetworkState, mode) },
        { "vrf", offsetof(NetworkState, vrf) },
        { "outbound4", offsetof(NetworkState, outbound4) },
        { "outbound6", offsetof(NetworkState, outbound6) },
        { "broadcast-limit", offsetof(NetworkState, broadcast_limit) },
}, flags[] = {
        { "internal", offsetof(NetworkState, internal) },
        { "isolated", offsetof(NetworkState, isolated) },
        { "unmanaged", offsetof(NetworkState, unmanaged) },
        { "named", offsetof(NetworkState, named) },
        { "names", offsetof(NetworkState, names) },
        { "no-default-route", offsetof(NetworkState, no_default_route) },
        { "podman", offsetof(NetworkState, podman) },
}, numbers[] = {
        { "mtu", offsetof(NetworkState, mtu) },
        { "metric", offsetof(NetworkState, metric) },
};

static void *field(const NetworkState *state, size_t offset) {
        return (char *) state + offset;
}

static int add_subnet(NetworkState *state, const NetworkSubnet *subnet) {
        int r = ARRAY_RESERVE(state->subnets, state->subnets_allocated, state->subnet_count + 1);

        if (r < 0)
                return r;
        state->subnets[state->subnet_count++] = *subnet;
        return 0;
}

/* As podman: the gateway is the first address, and no container gets the last of an IPv4 subnet,
 * which is its broadcast address. */
int network_state_add_subnet(NetworkState *state, const IpPrefix *prefix) {
        NetworkSubnet subnet = { .subnet = { ip_prefix_first(prefix), prefix->length } };
        IpAddress end = ip_prefix_last(prefix);

        subnet.gateway = subnet.first = ip_address_add(&subnet.subnet.address, 1);
        subnet.last = end;
        if (end.family == AF_INET)
                subnet.last.bytes[3]--;
        return add_subnet(state, &subnet);
}

static int read_subnet(const StringList *words, NetworkState *state) {
        NetworkSubnet subnet = {};

        if (words->count != 5 || ip_prefix_parse(words->items[1], &subnet.subnet) < 0 ||
            (!streq(words->items[2], "-") && ip_address_parse(words->items[2], &subnet.gateway) < 0) ||
            ip_address_parse(words->items[3], &subnet.first) < 0 || ip_address_parse(words->items[4], &subnet.last) < 0)
                return -EBADMSG;
        return add_subnet(state, &subnet);
}

int network_state_add_route(NetworkState *state, const char *const words[static 3]) {
        NetworkRoute route;
        uint64_t metric;
        int r;

        if (ip_prefix_parse(words[0], &route.destination) < 0 || ip_address_parse(words[1], &route.gateway) < 0 ||
            text_to_unsigned(words[2], UINT32_MAX, &metric) < 0)
                return -EBADMSG;
        route.metric = (uint32_t) metric;
        r = ARRAY_RESERVE(state->routes, state->routes_allocated, state->route_count + 1);
        if (r >= 0)
                state->routes[state->route_count++] = route;
        return r;
}

static int read_route(const StringList *words, NetworkState *state) {
        if (words->count != 4)
                return -EBADMSG;
        return network_state_add_route(state, (const char *const[]) { words->items[1], words->items[2],
                                                                      words->items[3] });
}

static int read_line(const StringList *words, void *userdata) {
        const char *name = words->items[0], *value = words->count > 1 ? words->items[1] : "";
        NetworkState *state = userdata;
        uint64_t number;

        if (streq(name, "subnet"))
                return read_subnet(words, state);
        if (streq(name, "route"))
                return read_route(words, state);
        if (streq(name, "dns"))
                return string_list_add(&state->dns, value);
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (streq(name, flags[i].name))
                        *(bool *) field(state, flags[i].offset) = true;
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                if (streq(name, numbers[i].name) && text_to_unsigned(value, UINT32_MAX, &number) >= 0)
                        *(uint32_t *) field(state, numbers[i].offset) = (uint32_t) number;
        if (streq(name, "vlan") && text_to_unsigned(value, UINT16_MAX, &number) >= 0)
                state->vlan = (uint16_t) number;
        for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
                char **string = field(state, strings[i].offset);

                if (!streq(name, strings[i].name))
                        continue;
                free(*string);
                *string = strdup(value);
                if (!*string)
                        return -ENOMEM;
        }
        return 0;
}

int network_state_read(const char *stem, NetworkState *ret) {
        _cleanup_free_ char *directory = network_directory(stem);
        _cleanup_close_ int fd = -EBADF;
        int r;

        *ret = (NetworkState) {};
        if (!file_name_is_valid(stem))
                return -ENOENT;
        ret->stem = strdup(stem);
        if (!directory || !ret->stem)
                return -ENOMEM;
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = record_read(fd, STATE_FILE, false, read_line, ret);
        return r >= 0 && (!ret->driver || !ret->name || !ret->interface) ? -EBADMSG : r;
}

static void append_subnet(Text *text, const NetworkSubnet *subnet) {
        char prefix[IP_PREFIX_TEXT], gateway[IP_ADDRESS_TEXT], first[IP_ADDRESS_TEXT], last[IP_ADDRESS_TEXT];

        record_append(text, "subnet", ip_prefix_format(&subnet->subnet, prefix),
                      subnet->gateway.family == AF_UNSPEC ? "-" : ip_address_format(&subnet->gateway, gateway),
                      ip_address_format(&subnet->first, first), ip_address_format(&subnet->last, last), NULL);
}

static void append_route(Text *text, const NetworkRoute *route) {
        char destination[IP_PREFIX_TEXT], gateway[IP_ADDRESS_TEXT];

        text_appendf(text, "route %s %s %u\n", ip_prefix_format(&route->destination, destination),
                     ip_address_format(&route->gateway, gateway), route->metric);
}

static void append_state(Text *text, const NetworkState *state) {
        for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
                char *const *string = field(state, strings[i].offset);

                if (*string)
                        record_append(text, strings[i].name, *string, NULL);
        }
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (*(bool *) field(state, flags[i].offset))
                        record_append(text, flags[i].name, NULL);
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                if (*(uint32_t *) field(state, numbers[i].offset) > 0)
                        text_appendf(text, "%s %u\n", numbers[i].name, *(uint32_t *) field(state, numbers[i].offset));
        if (state->vlan > 0)
                text_appendf(text, "vlan %u\n", state->vlan);
        for (size_t i = 0; i < state->subnet_count; i++)
                append_subnet(text, &state->subnets[i]);
        for (size_t i = 0; i < state->route_count; i++)
                append_route(text, &state->routes[i]);
        for (size_t i = 0; i < state->dns.count; i++)
                record_append(text, "dns", state->dns.items[i], NULL);
}

int network_state_write(const NetworkState *state) {
        _cleanup_free_ char *directory = network_directory(state->stem),
                            *path = directory ? path_join(directory, STATE_FILE) : NULL;
        _cleanup_text_ Text text = {};
        int r;

        append_state(&text, state);
        if (!path || text.failed)
                return -ENOMEM;
        /* Its lock is for nobody else to hold. */
        r = make_directories_at(AT_FDCWD, place_path(PLACE_NETWORKS), 0700);
        if (r >= 0)
                r = make_directories_at(AT_FDCWD, directory, 0700);
        return r < 0 ? r : write_file_atomic_at(AT_FDCWD, path, text.data, text.length, 0644);
}

const NetworkSubnet *network_state_find(const NetworkState *state, int family) {
        for (size_t i = 0; i < state->subnet_count; i++)
                if (state->subnets[i].subnet.address.family == family)
                        return &state->subnets[i];
        return NULL;
}

bool network_state_has(const NetworkState *state, int family) {
        return network_state_find(state, family);
}

void network_state_done(NetworkState *state) {
        free(state->stem);
        for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
                free(*(char **) field(state, strings[i].offset));
        free(state->subnets);
        free(state->routes);
        string_list_done(&state->dns);
        *state = (NetworkState) {};
}
