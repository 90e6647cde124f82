/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which containers are on networks. */
#include "network/network-users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"

static int add_user(NetworkUsers *users, const char *id) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_BUNDLES), id);
        _cleanup_close_ int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -EBADF;
        NetworkUser *user;
        int r;

        if (!path || ARRAY_RESERVE(users->items, users->allocated, users->count + 1) < 0)
                return -ENOMEM;
        if (fd < 0)
                return -errno;
        user = &users->items[users->count++];
        *user = (NetworkUser) { .id = strdup(id) };
        if (!user->id)
                return -ENOMEM;
        r = attachments_read(&(Bundle) { .fd = fd }, &user->attachments);
        if (r == -ENOENT) /* a program may be its network */
                r = 0;
        return r < 0 ? r : port_map_read(fd, &user->ports);
}

static void user_done(NetworkUser *user) {
        free(user->id);
        attachments_done(&user->attachments);
        port_map_done(&user->ports);
}

static int compare(const void *x, const void *y) {
        const NetworkUser *a = x, *b = y;

        return strcmp(a->id, b->id);
}

int network_users_get(NetworkUsers *ret) {
        _cleanup_string_list_ StringList ids = {};
        int r;

        *ret = (NetworkUsers) {};
        r = directory_list(place_path(PLACE_BUNDLES), &ids);
        for (size_t i = 0; r >= 0 && i < ids.count; i++) {
                size_t before = ret->count;
                int s = add_user(ret, ids.items[i]);

                if (s == -ENOMEM)
                        return s;
                if (s < 0 && ret->count > before)
                        user_done(&ret->items[--ret->count]);
                if (s == -EACCES)
                        return s;
        }
        if (r >= 0 && ret->count > 1)
                qsort(ret->items, ret->count, sizeof(NetworkUser), compare);
        return r;
}

const NetworkUser *network_users_find(const NetworkUsers *users, const char *id) {
        const NetworkUser key = { .id = (char *) id };

        return users->count > 0 ? bsearch(&key, users->items, users->count, sizeof(key), compare) : NULL;
}

int network_user_list_addresses(const NetworkUser *user, StringList *ret) {
        int r = 0;

        for (size_t i = 0; i < user->attachments.count; i++)
                for (size_t j = 0; r >= 0 && j < user->attachments.items[i].address_count; j++) {
                        char address[IP_ADDRESS_TEXT];

                        ip_address_format(&user->attachments.items[i].addresses[j].address, address);
                        r = string_list_add(ret, address);
                }
        return r;
}

const Attachment *network_user_find(const NetworkUser *user, const char *stem) {
        for (size_t i = 0; i < user->attachments.count; i++)
                if (streq(user->attachments.items[i].network.stem, stem))
                        return &user->attachments.items[i];
        return NULL;
}

static bool has_address(const Attachment *attachment, const IpAddress *address) {
        for (size_t i = 0; i < attachment->address_count; i++)
                if (ip_address_equal(&attachment->addresses[i].address, address))
                        return true;
        return false;
}

/* A port that a program takes in leads to whatever address the container has: those are shown with
 * its first network. */
static bool leads_through(const TablePort *port, const NetworkUser *user, const Attachment *attachment) {
        return has_address(attachment, &port->container) ||
               (ip_address_is_any(&port->container) && attachment == &user->attachments.items[0]);
}

static char *port_text(const TablePort *port) {
        bool v6 = port->host.family == AF_INET6, any = ip_address_is_any(&port->host);
        unsigned last = port->count - 1U;
        char address[IP_ADDRESS_TEXT];
        _cleanup_text_ Text text = {};
        char *result;

        if (!any)
                text_appendf(&text, v6 ? "[%s]:" : "%s:", ip_address_format(&port->host, address));
        text_appendf(&text, "%u", port->host_port);
        if (last > 0)
                text_appendf(&text, "-%u", port->host_port + last);
        text_appendf(&text, ":%u", port->container_port);
        if (last > 0)
                text_appendf(&text, "-%u", port->container_port + last);
        text_appendf(&text, "/%s", port->protocol);
        return text_take(&text, &result) < 0 ? NULL : result;
}

int network_user_list_ports(const NetworkUser *user, const Attachment *attachment, StringList *ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < user->ports.count; i++) {
                _cleanup_free_ char *text = port_text(&user->ports.items[i]);

                if (!text)
                        return -ENOMEM;
                if ((!attachment || leads_through(&user->ports.items[i], user, attachment)) &&
                    !string_list_contains(ret, text))
                        r = string_list_add(ret, text);
        }
        return r;
}

void network_users_done(NetworkUsers *users) {
        for (size_t i = 0; i < users->count; i++)
                user_done(&users->items[i]);
        free(users->items);
        *users = (NetworkUsers) {};
}
