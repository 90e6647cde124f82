/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman says of a container of which it has taken a checkpoint. */
#include "start/checkpoint/podman/podman-dump.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/ip-address.h"
#include "basic/json.h"
#include "basic/path.h"
#include "basic/text.h"
#include "config/value/values.h"
#include "image/digest.h"
#include "start/checkpoint/podman/podman-parts.h"

enum { DUMP_LARGEST = 16 * 1024 * 1024 };

static int not_podmans(const char *name, const char *part, Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, NULL, "%s: its \"%s\" is none of podman's", name, part);
}

/* Returns 0, -ENOENT, -EREPORTED, or another -errno. */
static int read_object(int parts_fd, const char *name, const char *part, Diagnostics *diagnostics, json_object **ret) {
        int r = json_read_file_at(parts_fd, part, DUMP_LARGEST, json_type_object, ret);

        return r == -EBADMSG || r == -EFBIG ? not_podmans(name, part, diagnostics) : r;
}

/* What is said to the user of it is one line. */
static int take_text(json_object *config, const char *member, char **ret) {
        const char *text = json_get_string(config, member);

        if (!text || !*text)
                return 0;
        if (text_has_control(text))
                return -EBADMSG;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

/* The ID of its image is the digest of that's configuration, without the algorithm. */
static int take_image(json_object *config, CheckpointAbout *about) {
        _cleanup_free_ char *id = NULL;
        int r = take_text(config, "rootfsImageID", &id);

        if (r < 0 || !id)
                return r;
        about->configuration = text_format("sha256:%s", id);
        if (!about->configuration)
                return -ENOMEM;
        return digest_is_valid(about->configuration) ? take_text(config, "rootfsImageName", &about->image) : -EBADMSG;
}

/* By a path, or by a name that podman's settings know. */
static int take_runtime(json_object *config, CheckpointAbout *about) {
        _cleanup_free_ char *runtime = NULL;
        int r = take_text(config, "runtime", &runtime);

        if (r < 0 || !runtime)
                return r;
        free(about->runtime);
        about->runtime = strdup(path_basename(runtime));
        return about->runtime ? 0 : -ENOMEM;
}

static int read_config(int parts_fd, const char *name, Diagnostics *diagnostics, CheckpointAbout *about) {
        _cleanup_json_object_ json_object *config = NULL;
        int r = read_object(parts_fd, name, PODMAN_CONFIG, diagnostics, &config);

        if (r < 0)
                return r;
        if (json_get_string(config, "pod") && *json_get_string(config, "pod"))
                return diagnose_error(diagnostics, NULL,
                                      "%s: this is a checkpoint of a container in a pod, whose namespaces are others' "
                                      "as well",
                                      name);
        r = take_text(config, "name", &about->container);
        if (r >= 0 && !about->container)
                r = -EBADMSG;
        if (r >= 0)
                r = take_image(config, about);
        if (r >= 0)
                r = take_runtime(config, about);
        return r == -EBADMSG ? not_podmans(name, PODMAN_CONFIG, diagnostics) : r;
}

static int add_volume(const char *file, StringList *volumes) {
        const char *end = endswith(file, ".tar");
        _cleanup_free_ char *volume = end ? strndup(file, (size_t) (end - file)) : NULL;

        if (!end)
                return -EBADMSG;
        if (!volume)
                return -ENOMEM;
        return value_name_is_valid(volume) ? string_list_add(volumes, volume) : -EBADMSG;
}

static int list_volumes(int parts_fd, StringList *volumes) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = directory_open_at(parts_fd, PODMAN_VOLUMES, O_NOFOLLOW, &directory);

        while (r >= 0 && (r = directory_next(directory, &entry)) > 0)
                r = add_volume(entry->d_name, volumes);
        string_list_sort(volumes);
        return r;
}

int podman_dump_read(int parts_fd, const char *name, Diagnostics *diagnostics, CheckpointAbout *ret) {
        int r = read_config(parts_fd, name, diagnostics, ret);

        if (r == -ENOENT)
                return diagnose_error(diagnostics, NULL, "%s: the checkpoint in it is not whole", name);
        if (r < 0)
                return r;
        r = list_volumes(parts_fd, &ret->volumes);
        return r == -EBADMSG ? not_podmans(name, PODMAN_VOLUMES, diagnostics) : r;
}

/* {"podman": {"interfaces": {"eth0": {"subnets": [{"ipnet": "10.88.0.5/16", …}], …}}, …}, …} */
static int add_addresses(json_object *subnets, StringList *ret) {
        size_t count = subnets ? json_object_array_length(subnets) : 0;
        char text[IP_ADDRESS_TEXT];
        int r = 0;

        for (size_t i = 0; i < count && r >= 0; i++) {
                const char *address = json_get_string(json_object_array_get_idx(subnets, i), "ipnet");
                IpPrefix prefix;

                if (!address || ip_prefix_parse(address, &prefix) < 0)
                        return -EBADMSG;
                r = string_list_add(ret, ip_address_format(&prefix.address, text));
        }
        return r;
}

static int add_network(json_object *network, StringList *ret) {
        json_object *interfaces = json_get_member(network, "interfaces", json_type_object);
        int r = 0;

        if (!interfaces)
                return 0;
        json_object_object_foreach(interfaces, interface, value) {
                (void) interface;
                r = r < 0 ? r : add_addresses(json_get_member(value, "subnets", json_type_array), ret);
        }
        return r;
}

int podman_dump_read_addresses(int parts_fd, const char *name, Diagnostics *diagnostics, StringList *ret) {
        _cleanup_json_object_ json_object *networks = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = read_file_at(parts_fd, PODMAN_NETWORK, DUMP_LARGEST, &text, &size);

        /* It is on none. */
        if (r == -ENOENT || (r >= 0 && startswith(text, "null")))
                return 0;
        r = read_object(parts_fd, name, PODMAN_NETWORK, diagnostics, &networks);
        if (r < 0)
                return r;
        json_object_object_foreach(networks, network, value) {
                (void) network;
                r = r < 0 ? r : add_network(value, ret);
        }
        return r == -EBADMSG ? not_podmans(name, PODMAN_NETWORK, diagnostics) : r;
}
