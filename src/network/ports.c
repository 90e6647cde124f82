/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Published ports. */
#include "network/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "basic/numbers.h"
#include "basic/string-list.h"

static const struct {
        const char *name;
        int number, type;
} protocols[] = {
        { "tcp", IPPROTO_TCP, SOCK_STREAM },
        { "udp", IPPROTO_UDP, SOCK_DGRAM },
        { "sctp", IPPROTO_SCTP, SOCK_STREAM },
};

const char *protocol_name(int protocol) {
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (protocols[i].number == protocol)
                        return protocols[i].name;
        return "?";
}

int protocol_parse(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (streq(protocols[i].name, name))
                        return protocols[i].number;
        return -EINVAL;
}

/* "80" or "8000-8010" */
static int parse_range(const char *text, uint16_t *ret_first, uint16_t *ret_count) {
        _cleanup_string_list_ StringList ends = {};
        uint64_t first, last;

        if (string_list_add_split(&ends, text, strlen(text), "-") < 0)
                return -ENOMEM;
        if (ends.count < 1 || ends.count > 2 || text_to_unsigned(ends.items[0], UINT16_MAX, &first) < 0 ||
            text_to_unsigned(ends.items[ends.count - 1], UINT16_MAX, &last) < 0 || last < first)
                return -EINVAL;
        *ret_first = (uint16_t) first;
        *ret_count = (uint16_t) (last - first + 1);
        return 0;
}

static int parse_host_address(char *text, PublishedPort *port) {
        size_t n = strlen(text);

        if (n == 0)
                return 0;
        if (text[0] == '[' && text[n - 1] == ']') {
                text[n - 1] = '\0';
                text++;
        }
        return ip_address_parse(text, &port->host);
}

/* "[IP:][HOST]:CONTAINER" or "CONTAINER". The text is changed. */
static int parse_port(char *text, PublishedPort *port) {
        char *container = strrchr(text, ':'), *host;
        uint16_t host_count;
        int r;

        r = parse_range(container ? container + 1 : text, &port->container_port, &port->count);
        if (r < 0 || !container)
                return r;
        *container = '\0';
        host = strrchr(text, ':');
        if (host) {
                *host++ = '\0';
                r = parse_host_address(text, port);
        } else
                host = text;
        if (r < 0 || !*host || streq(host, "0"))
                return r;
        r = parse_range(host, &port->host_port, &host_count);
        return r < 0 || host_count == port->count ? r : -EINVAL;
}

int ports_parse(const char *text, PublishedPorts *ret) {
        size_t n = strcspn(text, "/");
        _cleanup_string_list_ StringList names = {};
        _cleanup_free_ char *numbers = strndup(text, n);
        PublishedPort port = {};
        const char *rest = text[n] ? text + n + 1 : "tcp";
        int r;

        if (!numbers || string_list_add_split(&names, rest, strlen(rest), ",") < 0)
                return -ENOMEM;
        r = parse_port(numbers, &port);
        for (size_t i = 0; r >= 0 && i < names.count; i++) {
                r = port.protocol = protocol_parse(names.items[i]);
                if (r >= 0)
                        r = ARRAY_RESERVE(ret->items, ret->allocated, ret->count + 1);
                if (r >= 0)
                        ret->items[ret->count++] = port;
        }
        return r < 0 ? r : 0;
}

typedef union Address {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
} Address;

static socklen_t make_address(const IpAddress *address, uint16_t port, Address *ret) {
        *ret = (Address) {};
        if (address->family == AF_INET) {
                ret->v4 = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons(port) };
                memcpy(&ret->v4.sin_addr, address->bytes, sizeof(ret->v4.sin_addr));
                return sizeof(ret->v4);
        }
        ret->v6 = (struct sockaddr_in6) { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        memcpy(&ret->v6.sin6_addr, address->bytes, sizeof(ret->v6.sin6_addr));
        return sizeof(ret->v6);
}

static int open_socket(int family, int protocol) {
        int fd = -1, on = 1;

        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (protocols[i].number == protocol)
                        fd = socket(family, protocols[i].type | SOCK_CLOEXEC, protocol);
        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_IP, IP_FREEBIND, &on, sizeof(on)) < 0 ||
            (family == AF_INET6 && setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)) {
                int error = -errno;

                fd_close(fd);
                return error;
        }
        return fd;
}

static int set_reuse(int fd, int on) {
        return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ? -errno : 0;
}

/* A port that is shared with closed connections is also shared with whoever asks for that. One who
 * listens shares it no more, and it stays with the socket when that stops listening. */
static int end_sharing(int fd) {
        int r = listen(fd, 0) < 0 ? -errno : set_reuse(fd, 0);

        return r < 0 ? r : shutdown(fd, SHUT_RD) < 0 ? -errno : 0;
}

/* Connections that were closed a moment ago linger at a port, and keep others from it who do not
 * say that they do not mind. */
static int bind_one(const IpAddress *address, int protocol, bool look, uint16_t *number) {
        _cleanup_close_ int fd = open_socket(address->family, protocol);
        bool shares = protocol == IPPROTO_TCP && *number != 0;
        Address bound;
        socklen_t size = make_address(address, *number, &bound);
        int r;

        if (fd < 0)
                return fd;
        r = shares ? set_reuse(fd, 1) : 0;
        if (r >= 0 && (bind(fd, &bound.any, size) < 0 || getsockname(fd, &bound.any, &size) < 0))
                r = -errno;
        if (r >= 0 && shares && !look)
                r = end_sharing(fd);
        if (r < 0)
                return r;
        *number = ntohs(address->family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
        return TAKE_FD(fd);
}

static int keep(int fd, int **fds, size_t *count) {
        int *more = realloc(*fds, (*count + 1) * sizeof(int));

        if (!more) {
                fd_close(fd);
                return -ENOMEM;
        }
        *fds = more;
        more[(*count)++] = fd;
        return 0;
}

/* A kernel without IPv6 or SCTP has nobody there who could take the port. */
static int reserve_number(const PublishedPort *port, const IpAddress *address, uint16_t *number, int **fds,
                          size_t *fd_count) {
        int fd = bind_one(address, port->protocol, port->look, number);

        if (fd == -EAFNOSUPPORT || fd == -EPROTONOSUPPORT || fd == -ESOCKTNOSUPPORT)
                return 0;
        return fd < 0 ? fd : keep(fd, fds, fd_count);
}

static int reserve_family(PublishedPort *port, int family, int **fds, size_t *fd_count, uint16_t *ret_taken) {
        IpAddress address = port->host.family == AF_UNSPEC ? (IpAddress) { .family = family } : port->host;

        for (unsigned i = 0; i < port->count && i < MOST_RESERVED; i++) {
                uint16_t number = (uint16_t) (port->host_port > 0 ? port->host_port + i : 0);
                int r = reserve_number(port, &address, &number, fds, fd_count);

                if (r == -EADDRINUSE)
                        *ret_taken = number;
                if (r < 0)
                        return r;
                if (port->host_port == 0)
                        port->host_port = number;
        }
        return 0;
}

static int reserve(PublishedPort *port, int families, int **fds, size_t *fd_count, uint16_t *ret_taken) {
        static const int both[] = { AF_INET, AF_INET6 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(both); i++)
                if ((families == AF_UNSPEC || families == both[i]) &&
                    (port->host.family == AF_UNSPEC || port->host.family == both[i]))
                        r = reserve_family(port, both[i], fds, fd_count, ret_taken);
        return r;
}

int port_reserve(PublishedPort *port, int families, int **fds, size_t *fd_count, uint16_t *ret_taken) {
        enum { MOST_TRIES = 100 };
        bool chosen = port->host_port == 0;
        size_t before = *fd_count;
        int r;

        for (unsigned i = 0;; i++) {
                r = reserve(port, families, fds, fd_count, ret_taken);
                /* What one family has free another may not have, or not as many in a row. */
                if (r != -EADDRINUSE || !chosen || i >= MOST_TRIES)
                        return r;
                while (*fd_count > before)
                        fd_close((*fds)[--*fd_count]);
                port->host_port = 0;
        }
}
