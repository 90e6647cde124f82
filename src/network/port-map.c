/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports of the machine that lead to containers. */
#include "network/port-map.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/effects.h"
#include "network/ports.h"
#include "source/places.h"

#define PORTS_FILE "ports"

/* In the file, lines before those of the ports. */
#define OF "of "
#define BY_PROGRAM "by program"

enum { PORT_WORDS = 6 };

int port_map_add(PortMap *map, const TablePort *port) {
        int r = ARRAY_RESERVE(map->items, map->allocated, map->count + 1);

        if (r < 0)
                return r;
        map->items[map->count++] = *port;
        return 0;
}

/* "tcp 0.0.0.0 8080 10.89.0.2 80 1", a line each */
static int make_text(const PortMap *map, char **ret) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < map->count; i++) {
                const TablePort *port = &map->items[i];
                char host[IP_ADDRESS_TEXT], container[IP_ADDRESS_TEXT];

                text_appendf(&text, "%s %s %u %s %u %u\n", port->protocol, ip_address_format(&port->host, host),
                             port->host_port, ip_address_format(&port->container, container), port->container_port,
                             port->count);
        }
        return text_take(&text, ret);
}

static bool read_number(const char *text, uint16_t *ret) {
        uint64_t number;

        if (text_to_unsigned(text, UINT16_MAX, &number) < 0)
                return false;
        *ret = (uint16_t) number;
        return true;
}

static int parse_line(const char *line, PortMap *map) {
        _cleanup_string_list_ StringList words = {};
        TablePort port;
        int protocol;

        if (string_list_add_split(&words, line, strlen(line), " ") < 0)
                return -ENOMEM;
        if (words.count != PORT_WORDS)
                return -EBADMSG;
        protocol = protocol_parse(words.items[0]);
        if (protocol < 0 || ip_address_parse(words.items[1], &port.host) < 0 ||
            !read_number(words.items[2], &port.host_port) || ip_address_parse(words.items[3], &port.container) < 0 ||
            !read_number(words.items[4], &port.container_port) || !read_number(words.items[5], &port.count) ||
            port.count == 0)
                return -EBADMSG;
        port.protocol = protocol_name(protocol);
        return port_map_add(map, &port);
}

static int set_owner(const char *unit_name, PortMap *map) {
        free(map->owner);
        map->owner = strdup(unit_name);
        return map->owner ? 0 : -ENOMEM;
}

static int parse_text(const char *text, PortMap *map) {
        _cleanup_string_list_ StringList lines = {};
        int r = string_list_add_split(&lines, text, strlen(text), "\n");

        for (size_t i = 0; r >= 0 && i < lines.count; i++) {
                const char *owner = startswith(lines.items[i], OF);

                if (streq(lines.items[i], BY_PROGRAM))
                        map->by_program = true;
                else
                        r = owner ? set_owner(owner, map) : parse_line(lines.items[i], map);
        }
        return r;
}

static int write_file(const char *more, const char *ports, const Bundle *bundle) {
        _cleanup_free_ char *owner = bundle_unit_name(bundle),
                            *file = owner ? text_format(OF "%s\n%s%s", owner, more, ports) : NULL;

        return file ? write_file_atomic_at(bundle->fd, PORTS_FILE, file, strlen(file), 0644) : -ENOMEM;
}

int port_map_record(const PortMap *map, size_t sockets, const Bundle *bundle) {
        _cleanup_free_ char *text = NULL, *count = text_format("%zu", sockets);
        int r;

        r = count ? make_text(map, &text) : -ENOMEM;
        if (r >= 0)
                r = effects_append(bundle, EFFECT_PORTS, text, count);
        return r < 0 ? r : write_file("", text, bundle);
}

int port_map_note(const PortMap *map, const Bundle *bundle) {
        _cleanup_free_ char *text = NULL;
        int r = make_text(map, &text);

        return r < 0 ? r : write_file(BY_PROGRAM "\n", text, bundle);
}

int port_map_forget(const Bundle *bundle) {
        return unlinkat(bundle->fd, PORTS_FILE, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int port_map_apply(const PortMap *map, const Bundle *bundle) {
        _cleanup_free_ char *owner = bundle_unit_name(bundle);

        return owner ? tables_add_ports(map->items, map->count, owner) : -ENOMEM;
}

int port_map_undo(const char *text) {
        _cleanup_port_map_ PortMap map = {};
        int r = parse_text(text, &map);

        return r < 0 ? r : tables_remove_ports(map.items, map.count);
}

int port_map_read(int bundle_fd, PortMap *ret) {
        enum { LARGEST = 1024 * 1024 };
        _cleanup_free_ char *text = NULL;
        int r = read_file_at(bundle_fd, PORTS_FILE, LARGEST, &text, NULL);

        *ret = (PortMap) {};
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return parse_text(text, ret);
}

static bool has_port(const PortMap *map, int protocol, const IpAddress *host, uint16_t number) {
        for (size_t i = 0; i < map->count; i++) {
                const TablePort *port = &map->items[i];

                if (protocol_parse(port->protocol) == protocol && number >= port->host_port &&
                    number < (unsigned) port->host_port + port->count &&
                    (host->family == AF_UNSPEC || ip_address_is_any(host) || ip_address_is_any(&port->host) ||
                     ip_address_equal(host, &port->host)))
                        return true;
        }
        return false;
}

/* The ports of one bundle; none when it is gone or has none. */
static int read_bundle(const char *id, PortMap *ret) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_BUNDLES), id);
        _cleanup_close_ int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -EBADF;

        *ret = (PortMap) {};
        if (!path)
                return -ENOMEM;
        return fd < 0 ? 0 : port_map_read(fd, ret);
}

/* Returns 1, 0, or -ENOMEM. */
static int is_same(const PortMap *a, const PortMap *b) {
        _cleanup_free_ char *text = NULL, *other = NULL;

        return make_text(a, &text) < 0 || make_text(b, &other) < 0 ? -ENOMEM : streq(text, other);
}

/* A stop forgets the ports before it takes them back, and a start writes them down before it makes
 * them: when they are now as they were before, they are rightly there. */
static int restore(const char *id) {
        enum { MOST_TRIES = 100 };

        for (unsigned i = 0; i < MOST_TRIES; i++) {
                _cleanup_port_map_ PortMap map = {}, now = {};
                int added, r = read_bundle(id, &map);

                if (r < 0 || map.by_program)
                        return r;
                added = tables_add_ports(map.items, map.count, map.owner);
                if (added < 0 && added != -EPROTO)
                        return added;
                r = read_bundle(id, &now);
                if (r >= 0)
                        r = is_same(&map, &now);
                if (r != 0)
                        return r < 0 ? r : added;
                r = tables_remove_ports(map.items, map.count);
                if (r < 0)
                        return r;
        }
        return -EBUSY;
}

int port_map_restore_all(void) {
        _cleanup_string_list_ StringList ids = {};
        int first = directory_list(place_path(PLACE_BUNDLES), &ids);

        for (size_t i = 0; i < ids.count; i++) {
                int r = restore(ids.items[i]);

                if (r < 0 && first >= 0)
                        first = r;
        }
        return first < 0 ? first : 0;
}

void port_map_done(PortMap *map) {
        free(map->items);
        free(map->owner);
}

int port_map_find_owner(int protocol, const IpAddress *host, uint16_t port, char **ret_id) {
        _cleanup_string_list_ StringList ids = {};
        int r = directory_list(place_path(PLACE_BUNDLES), &ids);

        for (size_t i = 0; r >= 0 && i < ids.count; i++) {
                _cleanup_port_map_ PortMap map = {};

                if (read_bundle(ids.items[i], &map) < 0 || !has_port(&map, protocol, host, port))
                        continue;
                *ret_id = strdup(ids.items[i]);
                return *ret_id ? 1 : -ENOMEM;
        }
        return r < 0 ? r : 0;
}
