/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PublishPort= at a container's start. */
#include "network/published-ports.h"

#include <errno.h>
#include <time.h>

#include "basic/numbers.h"
#include "basic/text.h"
#include "host/fd-store.h"
#include "host/notify.h"
#include "network/port-map.h"
#include "network/port-user.h"
#include "network/ports.h"
#include "network/restore.h"

#define STORED FD_STORE_PREFIX "ports"

enum { MOST_STORED = 200 /* sockets; FileDescriptorStoreMax= has room for a few more */ };

typedef struct Opening {
        const Container *container;
        const IpAddress *targets[2]; /* the container's first IPv4 and IPv6 address, or NULL */
        Diagnostics *diagnostics;
        PublishedPorts ports;
        PortMap map;
        int *fds;
        size_t fd_count;
        bool may_be_ours; /* what is taken, by an earlier life's sockets in the store */
} Opening;

static void opening_done(Opening *opening) {
        for (size_t i = 0; i < opening->fd_count; i++)
                fd_close(opening->fds[i]);
        free(opening->fds);
        port_map_done(&opening->map);
        published_ports_done(&opening->ports);
}

static int report_taken(const Opening *opening, const PublishedPort *port, uint16_t number) {
        Location where = container_where(opening->container, KEY_Container_PublishPort);
        _cleanup_free_ char *id = NULL, *user = NULL;
        int r;

        r = port_map_find_owner(port->protocol, &port->host, number, &id);
        if (r > 0)
                user = bundle_describe_id(id);
        else if (r == 0)
                r = port_user_find(port->protocol, number, &user);
        if (r == -ENOMEM || (id && !user))
                return -ENOMEM;
        return diagnose_error(opening->diagnostics, &where, "port %u/%s is taken by %s", number,
                              protocol_name(port->protocol), user ?: "another program");
}

static int add_family(Opening *opening, const PublishedPort *port, int family, const IpAddress *target) {
        TablePort entry = {
                .host = port->host.family == AF_UNSPEC ? (IpAddress) { .family = family } : port->host,
                .protocol = protocol_name(port->protocol),
                .host_port = port->host_port,
                .container_port = port->container_port,
                .count = port->count,
        };

        if (!target || (port->host.family != AF_UNSPEC && port->host.family != family))
                return 0;
        entry.container = *target;
        return port_map_add(&opening->map, &entry);
}

static bool is_loopback6(const IpAddress *address) {
        IpAddress loopback;

        return ip_address_parse("::1", &loopback) >= 0 && ip_address_equal(address, &loopback);
}

/* The kernel leads nothing that comes to ::1 anywhere else. */
static int check_host(const Opening *opening, const PublishedPort *port) {
        Location where = container_where(opening->container, KEY_Container_PublishPort);
        bool v6 = port->host.family == AF_INET6;

        if (is_loopback6(&port->host))
                return diagnose_error(opening->diagnostics, &where,
                                      "nothing that comes to ::1 can be led to a container; use 127.0.0.1");
        if (port->host.family != AF_UNSPEC && !opening->targets[v6])
                return diagnose_error(opening->diagnostics, &where,
                                      "the container has no %s address that a port of the machine could lead to",
                                      v6 ? "IPv6" : "IPv4");
        return 0;
}

/* Waits until systemd has done so. Without systemd there is no store. */
static void forget_sockets(void) {
        if (fd_store_remove(STORED) >= 0)
                (void) notify_barrier();
}

/* Another container's sockets are systemd's as well, and stay. */
static bool is_being_closed(const PublishedPort *port, uint16_t number) {
        _cleanup_free_ char *id = NULL;

        return port_map_find_owner(port->protocol, &port->host, number, &id) == 0 &&
               port_is_given_up(port->protocol, number);
}

/* An automatic restart keeps the store. The end of the earlier life has taken its sockets out of
 * it, unless nothing was known any more of what was to be undone. systemd may close what is
 * out of the store in the background, which on a busy machine is later than a start. */
static int reserve_port(Opening *opening, PublishedPort *port, int families, uint16_t *ret_taken) {
        enum { TIMES = 200, PAUSE_NSEC = 10 * 1000 * 1000 };
        size_t before = opening->fd_count;

        for (unsigned i = 0;; i++) {
                int r = port_reserve(port, families, &opening->fds, &opening->fd_count, ret_taken);

                if (r != -EADDRINUSE)
                        return r;
                while (opening->fd_count > before)
                        fd_close(opening->fds[--opening->fd_count]);
                if (opening->may_be_ours)
                        forget_sockets();
                else if (i >= TIMES || !is_being_closed(port, *ret_taken))
                        return r;
                else
                        (void) nanosleep(&(struct timespec) { .tv_nsec = PAUSE_NSEC }, NULL);
                opening->may_be_ours = false;
        }
}

static int look_at_port(Opening *opening, PublishedPort *port) {
        int families = opening->targets[0] && opening->targets[1] ? AF_UNSPEC
                       : opening->targets[1]                      ? AF_INET6
                                                                  : AF_INET;
        uint16_t taken = 0;
        int r;

        r = reserve_port(opening, port, families, &taken);
        if (r == -EADDRINUSE)
                return report_taken(opening, port, taken);
        if (r >= 0)
                r = add_family(opening, port, AF_INET, opening->targets[0]);
        return r < 0 ? r : add_family(opening, port, AF_INET6, opening->targets[1]);
}

static int open_port(Opening *opening, PublishedPort *port) {
        int r = check_host(opening, port);

        return r < 0 ? r : look_at_port(opening, port);
}

static int parse(const Container *container, PublishedPorts *ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < container->publish_ports.count; i++)
                r = ports_parse(container->publish_ports.items[i], ret);
        return r;
}

static const IpAddress *find_target(const Attachments *attachments, int family) {
        for (size_t i = 0; i < attachments->count; i++) {
                const IpAddress *address = attachment_address(&attachments->items[i], family);

                if (address && streq(attachments->items[i].network.driver, "bridge"))
                        return address;
        }
        return NULL;
}

/* Somebody may have removed our table. */
static int apply(const PortMap *map, const Bundle *bundle, Diagnostics *diagnostics) {
        int r = port_map_apply(map, bundle);

        if (r != -EPROTO)
                return r;
        r = networks_restore_all(diagnostics);
        return r < 0 ? r : port_map_apply(map, bundle);
}

int published_ports_open(const Container *container, const Attachments *attachments, const Bundle *bundle,
                         Diagnostics *diagnostics) {
        _cleanup_(opening_done) Opening opening = {
                .container = container,
                .targets = { find_target(attachments, AF_INET), find_target(attachments, AF_INET6) },
                .diagnostics = diagnostics,
                .may_be_ours = true,
        };
        Location where = container_where(container, KEY_Container_PublishPort);
        size_t count;
        int r;

        if (container->publish_ports.count == 0)
                return 0;
        if (!opening.targets[0] && !opening.targets[1])
                return diagnose_error(diagnostics, &where, "\"PublishPort\" needs a bridge with addresses");
        r = parse(container, &opening.ports);
        for (size_t i = 0; r >= 0 && i < opening.ports.count; i++)
                r = open_port(&opening, &opening.ports.items[i]);
        count = opening.fd_count < MOST_STORED ? opening.fd_count : MOST_STORED;
        if (r >= 0)
                r = port_map_record(&opening.map, count, bundle);
        if (r >= 0)
                r = fd_store_put(STORED, opening.fds, count);
        if (r >= 0)
                r = apply(&opening.map, bundle, diagnostics);
        if (r == -EPROTO)
                return diagnose_error(diagnostics, &where, "the kernel's packet filter refuses the ports");
        return r;
}

int published_ports_leave(const Container *container, bool ipv6, const Bundle *bundle, Diagnostics *diagnostics,
                          PublishedPorts *ret) {
        const IpAddress any4 = { .family = AF_INET }, any6 = { .family = AF_INET6 };
        _cleanup_(opening_done) Opening opening = {
                .container = container,
                .targets = { &any4, ipv6 ? &any6 : NULL },
                .diagnostics = diagnostics,
        };
        int r;

        if (container->publish_ports.count == 0)
                return 0;
        r = parse(container, &opening.ports);
        for (size_t i = 0; r >= 0 && i < opening.ports.count; i++) {
                opening.ports.items[i].look = true;
                r = look_at_port(&opening, &opening.ports.items[i]);
        }
        if (r >= 0)
                r = port_map_note(&opening.map, bundle);
        if (r < 0)
                return r;
        *ret = opening.ports;
        opening.ports = (PublishedPorts) {};
        return 0;
}

int published_ports_undo(const char *text, const char *sockets) {
        uint64_t count;

        if (text_to_unsigned(sockets, MOST_STORED, &count) < 0)
                return -EBADMSG;
        if (count > 0)
                forget_sockets();
        return port_map_undo(text);
}
