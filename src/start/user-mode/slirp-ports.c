/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Published ports by slirp4netns. */
#include "start/user-mode/slirp-ports.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/path.h"
#include "network/port-map.h"

/* The path may be longer than an address of a socket: it is gone to by its directory. */
static int connect_to(const Bundle *bundle, const char *path) {
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int n;

        if (fd < 0)
                return -errno;
        n = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", bundle->fd,
                     path_basename(path));
        if (n < 0 || (size_t) n >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        return connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : TAKE_FD(fd);
}

static int make_request(const TablePort *port, unsigned number, char **ret) {
        _cleanup_json_object_ json_object *object = NULL;
        char address[IP_ADDRESS_TEXT];
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "execute", "add_hostfwd");
        json_open_object(&json, "arguments");
        json_add_string(&json, "proto", port->protocol);
        json_add_string(&json, "host_addr", ip_address_format(&port->host, address));
        json_add_unsigned(&json, "host_port", port->host_port + number);
        json_add_unsigned(&json, "guest_port", port->container_port + number);
        json_close(&json);
        json_close(&json);
        r = json_take(&json, &object);
        if (r < 0)
                return r;
        *ret = strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
        return *ret ? 0 : -ENOMEM;
}

/* One request a connection; the answer has a member "error" when it was refused. */
static int ask(const Bundle *bundle, const char *path, const TablePort *port, unsigned number) {
        _cleanup_free_ char *request = NULL;
        _cleanup_close_ int fd = -EBADF;
        char answer[1024];
        ssize_t n;
        int r;

        r = make_request(port, number, &request);
        if (r >= 0)
                r = fd = connect_to(bundle, path);
        if (r >= 0)
                r = write_all(fd, request, strlen(request));
        if (r < 0)
                return r;
        if (shutdown(fd, SHUT_WR) < 0)
                return -errno;
        n = read(fd, answer, sizeof(answer) - 1);
        if (n < 0)
                return -errno;
        answer[n] = '\0';
        return strstr(answer, "\"return\"") ? 0 : -EADDRINUSE;
}

int slirp_publish(const Bundle *bundle, const char *socket_path) {
        _cleanup_port_map_ PortMap map = {};
        int r = port_map_read(bundle->fd, &map);

        for (size_t i = 0; r >= 0 && i < map.count; i++)
                for (unsigned j = 0; r >= 0 && j < map.items[i].count; j++)
                        r = ask(bundle, socket_path, &map.items[i], j);
        return r;
}
