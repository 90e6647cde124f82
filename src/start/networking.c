/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's networks at its start. */
#include "start/networking.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/text.h"
#include "kind/container/container-user-network.h"
#include "kind/network-names.h"
#include "kind/network-needs.h"
#include "network/leases.h"
#include "network/names.h"
#include "network/netlink.h"
#include "network/published-ports.h"
#include "network/silence.h"
#include "source/places.h"
#include "source/sources.h"
#include "source/unit-name.h"
#include "start/bundle-config.h"
#include "start/namespaces.h"
#include "start/user/bridge-agent.h"

/* What networking_prepare() has left for networking_finish() */
#define LATER_FILE "network-later"
#define SILENCE_FILE "network-silence"

typedef struct Joining {
        const Container *container;
        const NetworkAttachment *wanted;
        const Bundle *bundle;
        Diagnostics *diagnostics;
        Attachment *attachment;
        const Former *former;
} Joining;

/* The value of an option of Network=NAME:…, or NULL. */
static const char *option(const Joining *joining, const char *name) {
        return string_list_value(&joining->wanted->options, name);
}

/* Where what the container says of the network stands; of the default one it says nothing. */
static Location where_of(const Joining *joining) {
        if (joining->wanted->where.file)
                return joining->wanted->where;
        return (Location) { .file = joining->container->path };
}

/* Only where there is no network of that very name: all files are looked through. */
static int find_by_name(const Joining *joining, char **ret_stem) {
        _cleanup_network_names_ NetworkNames names = {};
        _cleanup_sources_ Sources sources = {};
        int r = sources_scan_scope(places_scope(), &sources, NULL);

        return r < 0 ? r : network_names_resolve(&names, &sources, joining->wanted, joining->diagnostics, ret_stem);
}

static int find_network(const Joining *joining, NetworkState *ret) {
        _cleanup_free_ char *stem = NULL;
        Location where = where_of(joining);
        int r = container_network_stem(joining->wanted, &stem);

        if (r >= 0)
                r = network_state_read(stem, ret);
        if (r == -ENOENT && joining->wanted->kind == NETWORK_NAMED) {
                network_state_done(ret);
                free(stem);
                stem = NULL;
                r = find_by_name(joining, &stem);
                if (r >= 0)
                        r = network_state_read(stem, ret);
        }
        if (r == -ENOENT)
                return diagnose_error(joining->diagnostics, &where,
                                      "the network \"%s\" is not there; its unit is container-network@%s.service", stem,
                                      stem);
        return r;
}

static int report_lease(const Joining *joining, int error, const IpAddress *address, const Location *where) {
        const NetworkState *network = &joining->attachment->network;
        _cleanup_free_ char *id = NULL, *owner = NULL;
        char text[IP_ADDRESS_TEXT];

        if (error == -ENOSPC)
                return diagnose_error(joining->diagnostics, where, "the network \"%s\" has no free address left",
                                      network->name);
        if (error != -EEXIST)
                return error;
        (void) lease_owner(network->stem, address, &id);
        owner = bundle_describe_id(id ?: "?");
        if (!owner)
                return -ENOMEM;
        return diagnose_error(joining->diagnostics, where, "the address %s is that of %s",
                              ip_address_format(address, text), owner);
}

/* The address that the file gives, of this family; NULL when it gives none. */
static const char *static_address(const Joining *joining, int family, Location *ret_where) {
        const Container *container = joining->container;
        bool v6 = family == AF_INET6;
        const char *address = v6 ? container->ip6 : container->ip, *either = option(joining, "ip");

        if (address) {
                *ret_where = container_where(container, v6 ? KEY_Container_IP6 : KEY_Container_IP);
                return address;
        }
        if (v6 && option(joining, "ip6"))
                return option(joining, "ip6");
        return either && (strchr(either, ':') != NULL) == v6 ? either : NULL;
}

/* Podman's network is this one when it has the address. */
static bool has_address(const Joining *joining, const char *text, int family) {
        const NetworkState *network = &joining->attachment->network;
        IpAddress address;

        if (ip_address_parse(text, &address) < 0 || address.family != family)
                return false;
        for (size_t i = 0; i < network->subnet_count; i++)
                if (ip_prefix_contains(&network->subnets[i].subnet, &address))
                        return true;
        return false;
}

/* What it had on this network before, and goes on with, unless it had none. */
static const char *former_address(const Joining *joining, int family, char text[IP_ADDRESS_TEXT]) {
        const Former *former = joining->former;

        for (size_t i = 0; former && i < former->attachments.count; i++) {
                const Attachment *attachment = &former->attachments.items[i];
                const IpAddress *address = attachment_address(attachment, family);

                if (address && streq(attachment->network.stem, joining->attachment->network.stem))
                        return ip_address_format(address, text);
        }
        for (size_t i = 0; former && i < former->addresses.count; i++)
                if (has_address(joining, former->addresses.items[i], family))
                        return former->addresses.items[i];
        return NULL;
}

static int take_static(const Joining *joining, const char *text, const NetworkSubnet **subnet, const Location *where,
                       IpAddress *ret) {
        const NetworkState *network = &joining->attachment->network;
        IpAddress address;
        int r;

        r = ip_address_parse(text, &address);
        if (r < 0)
                return r;
        *subnet = NULL;
        for (size_t i = 0; i < network->subnet_count && !*subnet; i++)
                if (ip_prefix_contains(&network->subnets[i].subnet, &address))
                        *subnet = &network->subnets[i];
        if (!*subnet)
                return diagnose_error(joining->diagnostics, where, "%s is in no subnet of the network \"%s\"", text,
                                      network->name);
        if (ip_address_equal(&address, &(*subnet)->gateway))
                return diagnose_error(joining->diagnostics, where, "%s is the gateway of the network \"%s\"", text,
                                      network->name);
        r = lease_take(network, &address, joining->bundle);
        if (r < 0)
                return report_lease(joining, r, &address, where);
        *ret = address;
        return 0;
}

static int add_address(const Joining *joining, int family) {
        Attachment *attachment = joining->attachment;
        const NetworkSubnet *subnet = network_state_find(&attachment->network, family);
        Location where = where_of(joining);
        const char *given = static_address(joining, family, &where);
        char former[IP_ADDRESS_TEXT];
        IpAddress address;
        int r;

        if (!given)
                given = former_address(joining, family, former);

        if (!subnet && given)
                return diagnose_error(joining->diagnostics, &where, "the network \"%s\" has no %s addresses",
                                      attachment->network.name, family == AF_INET ? "IPv4" : "IPv6");
        if (!subnet)
                return 0;
        if (given)
                r = take_static(joining, given, &subnet, &where, &address);
        else {
                r = lease_choose(&attachment->network, subnet, joining->bundle, &address);
                if (r < 0)
                        r = report_lease(joining, r, NULL, &where);
        }
        if (r >= 0)
                attachment->addresses[attachment->address_count++] = (IpPrefix) { address, subnet->subnet.length };
        return r;
}

static int choose_mac(const Joining *joining) {
        Attachment *attachment = joining->attachment;
        const char *given = option(joining, "mac");

        if (given)
                return mac_parse(given, attachment->mac);
        if (attachment->address_count > 0) {
                mac_for_address(attachment->network.interface, &attachment->addresses[0].address, attachment->mac);
                return 0;
        }
        mac_for_name(joining->container->unit_name, attachment->mac);
        return getrandom(attachment->mac + 1, MAC_SIZE - 1, 0) == MAC_SIZE - 1 ? 0 : -EIO;
}

static int add_own_names(const Joining *joining) {
        const Container *container = joining->container;
        const char *const own[] = { container->container_name, container->stem, container->host_name };
        StringList *names = &joining->attachment->names;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(own); i++)
                if (own[i] && !string_list_contains(names, own[i]))
                        r = string_list_add(names, own[i]);
        return r;
}

static int add_aliases(const Joining *joining) {
        const NetworkAttachment *wanted = joining->wanted;
        int r = string_list_extend(&joining->attachment->aliases, &joining->container->network_aliases);

        for (size_t i = 0; r >= 0 && i < wanted->options.count; i++) {
                const char *alias = startswith(wanted->options.items[i], "alias=");

                if (alias)
                        r = string_list_add(&joining->attachment->aliases, alias);
        }
        return r;
}

static int join(const Joining *joining, size_t number) {
        Attachment *attachment = joining->attachment;
        const char *name = option(joining, "interface_name");
        int r;

        attachment->interface = name ? strdup(name) : text_format("eth%zu", number);
        if (!attachment->interface)
                return -ENOMEM;
        r = find_network(joining, &attachment->network);
        if (r >= 0)
                r = add_address(joining, AF_INET);
        if (r >= 0)
                r = add_address(joining, AF_INET6);
        if (r >= 0)
                r = choose_mac(joining);
        if (r >= 0)
                r = add_own_names(joining);
        return r < 0 ? r : add_aliases(joining);
}

/* The default network may be masked: then whoever names none has none. */
static int is_left_out(const NetworkAttachment *wanted) {
        _cleanup_source_ Source source = {};
        int r;

        if (wanted->kind != NETWORK_BRIDGE || wanted->where.file)
                return 0;
        r = source_find_scope(places_scope(), FILE_NETWORK, DEFAULT_NETWORK, &source);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return source.masked;
}

/* CRIU opens what listened on it there again. */
static int check_former_addresses(const Networking *networking, const char *stem, Diagnostics *diagnostics) {
        const StringList *addresses = &networking->former->addresses;

        for (size_t i = 0; i < addresses->count; i++)
                if (!attachments_have(&networking->attachments, addresses->items[i]))
                        return diagnose_error(diagnostics, NULL,
                                              "the checkpoint of \"%s\" is of a container with the address %s, which "
                                              "is in none of its networks; berth restore --ignore-static-ip restores "
                                              "it with another",
                                              stem, addresses->items[i]);
        return 0;
}

static int join_all(const Container *container, const Bundle *bundle, Diagnostics *diagnostics,
                    Networking *networking) {
        Attachments *attachments = &networking->attachments;

        for (size_t i = 0; i < container->networks.count; i++) {
                Joining joining = { container, &container->networks.items[i], bundle, diagnostics, NULL,
                                    networking->former };
                int r;

                if (!network_is_ours(joining.wanted))
                        continue;
                r = is_left_out(joining.wanted);
                if (r == 0)
                        r = ARRAY_RESERVE(attachments->items, attachments->allocated, attachments->count + 1);
                else if (r > 0)
                        continue;
                if (r < 0)
                        return r;
                joining.attachment = &attachments->items[attachments->count++];
                *joining.attachment = (Attachment) {};
                r = join(&joining, i);
                if (r < 0)
                        return r;
        }
        return attachments->count > 0 && networking->former
                       ? check_former_addresses(networking, container->stem, diagnostics)
                       : 0;
}

/* The interface of a network that is up may be gone, by somebody else's hand. */
static int apply(const Attachments *attachments, const Bundle *bundle, int namespace_fd, Diagnostics *diagnostics) {
        const NetworkState *network = NULL;
        bool of_user = places_scope() == SCOPE_USER;
        int r = of_user ? bridge_agent_attach(bundle, attachments, namespace_fd, &network)
                        : attachments_apply(attachments, namespace_fd, &network);

        if (r == -ENODEV && network)
                return diagnose_error(diagnostics, NULL,
                                      "the interface \"%s\" of the network \"%s\" is gone; use: systemctl %srestart "
                                      "container-network@%s",
                                      network->interface, network->name, places_manager_option(), network->stem);
        return r;
}

static int add_names(const Bundle *bundle, const Attachment *attachment) {
        _cleanup_string_list_ StringList names = {};
        int r;

        if (!names_are_served(&attachment->network) || attachment->address_count == 0)
                return 0;
        r = attachment_all_names(attachment, &names);
        return r < 0 ? r : names_add_container(attachment, &names, bundle);
}

static int add_all_names(const Bundle *bundle, const Attachments *attachments) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < attachments->count; i++)
                r = add_names(bundle, &attachments->items[i]);
        return r;
}

/* Connections are not there before its processes are; what has none answers as any start does. */
static int keep_silent(const Networking *networking, const Bundle *bundle) {
        int r;

        if (!networking->former || !networking->former->has_connections)
                return 0;
        r = write_file_atomic_at(bundle->fd, SILENCE_FILE, "", 0, 0600);
        return r < 0 ? r : silence_begin(networking->namespace_fd);
}

static int make_namespace(const Bundle *bundle, bool later, Diagnostics *diagnostics, Networking *networking) {
        int r;

        if (later)
                return write_file_atomic_at(bundle->fd, LATER_FILE, "", 0, 0600);
        if (networking->namespace_fd < 0)
                networking->namespace_fd = network_namespace_new();
        r = networking->namespace_fd;
        if (r >= 0)
                r = keep_silent(networking, bundle);
        return r < 0 ? r : apply(&networking->attachments, bundle, networking->namespace_fd, diagnostics);
}

static bool is_internal(const Attachments *attachments) {
        for (size_t i = 0; i < attachments->count; i++)
                if (!attachments->items[i].network.internal)
                        return false;
        return true;
}

/* What comes to the machine can come to a user's container by a program alone, which passes it on
 * into the container; then what goes out goes by that, too. */
static int publish_of_user(const Container *container, const Attachments *attachments, const Bundle *bundle,
                           bool later, Diagnostics *diagnostics) {
        char *options[] = { (char[]) { "--ns-ifname" }, (char[]) { "ports0" } };
        const NetworkAttachment pasta = {
                .kind = NETWORK_PASTA,
                .options = { .items = options, .count = ARRAY_SIZE(options) },
                .where = container_where(container, KEY_Container_PublishPort),
        };

        if (container->publish_ports.count == 0)
                return 0;
        if (is_internal(attachments))
                return diagnose_error(diagnostics, &pasta.where,
                                      "\"PublishPort\" on a user's internal network: pasta, which would publish it, "
                                      "leads out as well; use a further network that is not internal");
        return user_mode_prepare(container, &pasta, bundle, later, diagnostics);
}

static int prepare_user_mode(const Container *container, const Bundle *bundle, bool later, Diagnostics *diagnostics,
                             Networking *networking) {
        int r = user_mode_prepare(container, container_user_network(container), bundle, later, diagnostics);

        if (r >= 0 && !later)
                r = networking->namespace_fd = network_namespace_new();
        return r < 0 ? r : 0;
}

int networking_prepare(const Container *container, const Bundle *bundle, bool later, Diagnostics *diagnostics,
                       Networking *ret) {
        int r;

        if (container_user_network(container))
                return prepare_user_mode(container, bundle, later, diagnostics, ret);
        r = join_all(container, bundle, diagnostics, ret);
        if (r < 0 || ret->attachments.count == 0)
                return r;
        r = attachments_write(&ret->attachments, bundle);
        if (r >= 0)
                r = container->of_user
                                    ? publish_of_user(container, &ret->attachments, bundle, later, diagnostics)
                                    : published_ports_open(container, &ret->attachments, bundle, diagnostics);
        if (r >= 0)
                r = add_all_names(bundle, &ret->attachments);
        if (r >= 0)
                r = make_namespace(bundle, later, diagnostics, ret);
        if (r == -ENOPKG)
                return network_require(true, diagnostics) ?: r;
        return r;
}

static bool is_unfinished(const Bundle *bundle) {
        return faccessat(bundle->fd, LATER_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int finish_attachments(const Bundle *bundle, pid_t pid) {
        _cleanup_attachments_ Attachments attachments = {};
        _cleanup_free_ char *path = text_format("/proc/%d/ns/net", (int) pid);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        if (!is_unfinished(bundle))
                return 0;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = attachments_read(bundle, &attachments);
        if (r >= 0)
                r = apply(&attachments, bundle, fd, &diagnostics);
        log_diagnostics(&diagnostics);
        return r < 0 ? r : 1;
}

int networking_expect(const Bundle *bundle) {
        return places_scope() == SCOPE_USER && is_unfinished(bundle) ? bridge_agent_start() : 0;
}

int networking_begin(const Bundle *bundle, UserModeBegun *ret) {
        int r = user_mode_is_prepared(bundle) ? bundle_config_may_mind_network(bundle) : 1;

        return r < 0 ? r : r > 0 ? 0 : user_mode_begin(bundle, ret);
}

static int end_silence(const Bundle *bundle) {
        _cleanup_close_ int fd = -EBADF;

        if (faccessat(bundle->fd, SILENCE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        fd = namespaces_open_pinned(bundle, OCI_NAMESPACE_NETWORK);
        return fd < 0 ? fd : silence_end(fd);
}

int networking_finish(const Bundle *bundle, const char *unit_name, pid_t pid, UserModeBegun *begun,
                      const LogPipes *output) {
        int r = end_silence(bundle), s;

        if (r >= 0)
                r = finish_attachments(bundle, pid);
        s = r < 0 ? r : user_mode_start(bundle, unit_name, pid, begun, output);

        return s != 0 ? s : r;
}

void networking_done(Networking *networking) {
        networking->namespace_fd = fd_close(networking->namespace_fd);
        attachments_done(&networking->attachments);
}
