/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that containers have. */
#include "network/leases.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/effects.h"
#include "source/places.h"

#define LEASES "leases"

/* The directory of podman's own aardvark-dns. */
#define PODMAN_NAMES "/run/containers/networks/aardvark-dns"

/* The address that was given out last, of each family: where the search goes on. */
static const char *last_file(int family) {
        return family == AF_INET ? "last4" : "last6";
}

static char *lease_path(const char *stem, const IpAddress *address) {
        char text[IP_ADDRESS_TEXT];

        return text_format("%s/%s/" LEASES "/%s", place_path(PLACE_NETWORKS), stem, ip_address_format(address, text));
}

static char *leases_path(const char *stem) {
        return text_format("%s/%s/" LEASES, place_path(PLACE_NETWORKS), stem);
}

/* The file is given its name when its content is in it. */
static int make_file(const char *path, const char *directory, const char *owner) {
        _cleanup_close_ int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
        char source[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
        int r;

        if (fd < 0)
                return -errno;
        r = write_all(fd, owner, strlen(owner));
        if (r < 0)
                return r;
        snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
        return linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int lease_take(const NetworkState *network, const IpAddress *address, const Bundle *bundle) {
        _cleanup_free_ char *path = lease_path(network->stem, address), *directory = leases_path(network->stem),
                            *name = NULL;
        char text[IP_ADDRESS_TEXT];
        int r;

        name = text_format("%s/%s", network->stem, ip_address_format(address, text));
        if (!path || !directory || !name)
                return -ENOMEM;
        if (access(path, F_OK) == 0)
                return -EEXIST;
        r = make_directories_at(AT_FDCWD, directory, 0700);
        if (r >= 0)
                r = effects_append(bundle, EFFECT_LEASE, name, bundle->id);
        return r < 0 ? r : make_file(path, directory, bundle->id);
}

/* Where the last search has ended, if that is in the range. */
static IpAddress begin_at(const char *directory, const NetworkSubnet *subnet) {
        _cleanup_free_ char *path = path_join(directory, last_file(subnet->subnet.address.family)), *text = NULL;
        IpAddress last;

        if (!path || read_file_at(AT_FDCWD, path, IP_ADDRESS_TEXT, &text, NULL) < 0 ||
            ip_address_parse(text, &last) < 0 || ip_address_compare(&last, &subnet->first) < 0 ||
            ip_address_compare(&last, &subnet->last) >= 0)
                return subnet->first;
        return ip_address_add(&last, 1);
}

/* Of what podman has given away it tells its name server, a container a line: "ID ADDRESS[,…]
 * ADDRESS[,…] NAME,…". NULL when there is nothing to know. */
static char *read_podman_names(const NetworkState *network) {
        enum { LARGEST = 1 << 20 };
        _cleanup_free_ char *path = text_format(PODMAN_NAMES "/%s", network->name);
        char *text;

        return path && network->podman && read_file_at(AT_FDCWD, path, LARGEST, &text, NULL) >= 0 ? text : NULL;
}

static bool is_podmans(const char *names, const IpAddress *address) {
        char text[IP_ADDRESS_TEXT];
        size_t n = strlen(ip_address_format(address, text));

        for (const char *p = names; p && (p = strstr(p, text)); p += n)
                if (p > names && strchr(" ,\n", p[-1]) && strchr(" ,\n", p[n]))
                        return true;
        return false;
}

static IpAddress next_address(const NetworkState *network, const NetworkSubnet *subnet, const IpAddress *address) {
        if (network->podman) /* whose own way is up */
                return ip_address_equal(address, &subnet->first) ? subnet->last : ip_address_before(address);
        return ip_address_equal(address, &subnet->last) ? subnet->first : ip_address_add(address, 1);
}

static int note_last(const char *directory, const IpAddress *address) {
        _cleanup_free_ char *path = path_join(directory, last_file(address->family));
        char text[IP_ADDRESS_TEXT];

        if (!path)
                return -ENOMEM;
        ip_address_format(address, text);
        return write_file_atomic_at(AT_FDCWD, path, text, strlen(text), 0644);
}

int lease_choose(const NetworkState *network, const NetworkSubnet *subnet, const Bundle *bundle, IpAddress *ret) {
        _cleanup_free_ char *directory = network_directory(network->stem), *podman = read_podman_names(network);
        IpAddress begin, address;
        int r;

        if (!directory)
                return -ENOMEM;
        address = begin = network->podman ? subnet->last : begin_at(directory, subnet);
        do {
                r = ip_address_equal(&address, &subnet->gateway) || is_podmans(podman, &address)
                                    ? -EEXIST
                                    : lease_take(network, &address, bundle);
                if (r >= 0)
                        break;
                if (r != -EEXIST)
                        return r;
                address = next_address(network, subnet, &address);
        } while (!ip_address_equal(&address, &begin));
        if (r < 0)
                return -ENOSPC;
        *ret = address;
        return note_last(directory, &address);
}

static int read_owner(const char *path, char **ret) {
        return read_file_at(AT_FDCWD, path, NAME_MAX, ret, NULL);
}

int lease_owner(const char *stem, const IpAddress *address, char **ret) {
        _cleanup_free_ char *path = lease_path(stem, address);

        return path ? read_owner(path, ret) : -ENOMEM;
}

int lease_release(const char *lease, const char *owner) {
        const char *slash = strchr(lease, '/');
        _cleanup_free_ char *stem = slash ? strndup(lease, (size_t) (slash - lease)) : NULL, *path = NULL, *has = NULL;
        IpAddress address;
        int r;

        /* The record is ours alone; a damaged line shall not remove another file all the same. */
        if (!stem || !file_name_is_valid(stem) || ip_address_parse(slash + 1, &address) < 0)
                return -EBADMSG;
        path = lease_path(stem, &address);
        if (!path)
                return -ENOMEM;
        r = read_owner(path, &has);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return streq(has, owner) && unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int leases_list(const char *stem, StringList *ret) {
        _cleanup_free_ char *directory = leases_path(stem);

        return directory ? directory_list(directory, ret) : -ENOMEM;
}
