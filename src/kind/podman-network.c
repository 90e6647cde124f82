/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks that podman keeps. */
#include "kind/podman-network.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/ip-address.h"
#include "basic/json.h"
#include "basic/path.h"
#include "source/places.h"
#include "source/trusted-file.h"

#define ENDING ".json"

/* Of each list in a file: more than a person writes, and little enough to look at. */
enum { MOST_ITEMS = 64 };

typedef struct Translation {
        json_object *object;
        Location where; /* the file as a whole */
        Diagnostics *diagnostics;
        UnitFile *unit;
} Translation;

static int refuse(const Translation *translation, const char *member) {
        return diagnose_error(translation->diagnostics, &translation->where,
                              "\"%s\" is not as podman writes it", member);
}

/* What neither quotes nor specifiers are in, and no second word: it goes into a value as it is. */
static bool is_plain(const char *text) {
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/,=";

        return *text && strspn(text, plain) == strlen(text);
}

static const char *plain_string(json_object *value) {
        const char *text = json_string_without_nul(value);

        return text && is_plain(text) ? text : NULL;
}

static int add(const Translation *translation, const char *key, const char *value) {
        return unit_file_add(translation->unit, translation->unit->sections.items[0], key, value, &translation->where);
}

static int add_string(const Translation *translation, const char *member, const char *key) {
        json_object *value = json_object_object_get(translation->object, member);
        const char *text = plain_string(value);

        if (!value || (json_object_is_type(value, json_type_string) && json_object_get_string_len(value) == 0))
                return 0;
        return text ? add(translation, key, text) : refuse(translation, member);
}

/* `meaning`: whether true is the key's yes. What is not there is podman's false. */
static int add_bool(const Translation *translation, const char *member, const char *key, bool meaning) {
        json_object *value = json_object_object_get(translation->object, member);
        bool given = value && json_object_get_boolean(value);

        if (value && !json_object_is_type(value, json_type_boolean))
                return refuse(translation, member);
        return add(translation, key, given == meaning ? "yes" : "no");
}

/* Returns the number of items and the array; 0 when it is missing or empty; or -EREPORTED. */
static int find_array(const Translation *translation, const char *member, json_object **ret) {
        json_object *value = json_object_object_get(translation->object, member);

        if (!value)
                return 0;
        if (!json_object_is_type(value, json_type_array) || json_object_array_length(value) > MOST_ITEMS)
                return refuse(translation, member);
        *ret = value;
        return (int) json_object_array_length(value);
}

static int add_strings(const Translation *translation, const char *member, const char *key) {
        json_object *array;
        int r = find_array(translation, member, &array);

        if (r <= 0)
                return r;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++) {
                const char *text = plain_string(json_object_array_get_idx(array, i));

                r = text ? add(translation, key, text) : refuse(translation, member);
        }
        return r;
}

/* The member's address, or when it is not there the one that is given; NULL for what is none. */
static const char *address_or(json_object *object, const char *member, const IpAddress *instead,
                              char buffer[static IP_ADDRESS_TEXT]) {
        json_object *value = json_object_object_get(object, member);
        IpAddress address;

        if (!value)
                return ip_address_format(instead, buffer);
        return plain_string(value) && ip_address_parse(plain_string(value), &address) >= 0
                               ? ip_address_format(&address, buffer)
                               : NULL;
}

/* Keys are matched by their order, so that every subnet gets all three. */
static int add_subnet(const Translation *translation, json_object *object) {
        char gateway[IP_ADDRESS_TEXT], first[IP_ADDRESS_TEXT], last[IP_ADDRESS_TEXT];
        const char *subnet = plain_string(json_object_object_get(object, "subnet"));
        json_object *range = json_object_object_get(object, "lease_range");
        _cleanup_free_ char *from_to = NULL;
        IpAddress second, end;
        IpPrefix prefix;
        int r;

        if (!subnet || ip_prefix_parse(subnet, &prefix) < 0 || prefix.length > ip_bits(prefix.address.family) - 2 ||
            (range && !json_object_is_type(range, json_type_object)))
                return refuse(translation, "subnets");
        second = ip_prefix_first(&prefix);
        second = ip_address_add(&second, 1);
        end = ip_prefix_last(&prefix);
        if (end.family == AF_INET)
                end.bytes[3]--; /* the last is for broadcasts */
        if (!address_or(object, "gateway", &second, gateway) || !address_or(range, "start_ip", &second, first) ||
            !address_or(range, "end_ip", &end, last))
                return refuse(translation, "subnets");
        from_to = text_format("%s-%s", first, last);
        r = from_to ? add(translation, "Subnet", subnet) : -ENOMEM;
        if (r >= 0)
                r = add(translation, "Gateway", gateway);
        return r < 0 ? r : add(translation, "IPRange", from_to);
}

static int add_subnets(const Translation *translation) {
        json_object *array;
        int r = find_array(translation, "subnets", &array);

        if (r <= 0)
                return r;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++) {
                json_object *object = json_object_array_get_idx(array, i);

                r = json_object_is_type(object, json_type_object) ? add_subnet(translation, object)
                                                                  : refuse(translation, "subnets");
        }
        return r;
}

static int add_options(const Translation *translation) {
        json_object *options = json_object_object_get(translation->object, "options");
        int r = 0;

        if (options && !json_object_is_type(options, json_type_object))
                return refuse(translation, "options");
        if (!options)
                return 0;
        json_object_object_foreach(options, name, value) {
                _cleanup_free_ char *option = NULL;
                const char *text = plain_string(value);

                if (!text || !is_plain(name))
                        return refuse(translation, "options");
                option = text_format("%s=%s", name, text);
                r = option ? add(translation, "Options", option) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_ipam(const Translation *translation) {
        json_object *options = json_object_object_get(translation->object, "ipam_options");
        const Translation inner = { options, translation->where, translation->diagnostics, translation->unit };

        if (options && !json_object_is_type(options, json_type_object))
                return refuse(translation, "ipam_options");
        return options ? add_string(&inner, "driver", "IPAMDriver") : 0;
}

static int add_route(const Translation *translation, json_object *object, StringList *routes) {
        const char *destination = plain_string(json_object_object_get(object, "destination")),
                   *gateway = plain_string(json_object_object_get(object, "gateway"));
        json_object *metric = json_object_object_get(object, "metric");
        IpAddress address;
        IpPrefix prefix;

        if (!destination || !gateway || ip_prefix_parse(destination, &prefix) < 0 ||
            ip_address_parse(gateway, &address) < 0 || prefix.address.family != address.family ||
            (metric && (!json_object_is_type(metric, json_type_int) || json_object_get_int64(metric) < 0 ||
                        json_object_get_int64(metric) > UINT32_MAX)))
                return refuse(translation, "routes");
        return string_list_addf(routes, "%s %s %u", destination, gateway,
                                (unsigned) (metric ? json_object_get_int64(metric) : 0));
}

static int add_routes(const Translation *translation, StringList *routes) {
        json_object *array;
        int r = find_array(translation, "routes", &array);

        if (r <= 0)
                return r;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++) {
                json_object *object = json_object_array_get_idx(array, i);

                r = json_object_is_type(object, json_type_object) ? add_route(translation, object, routes)
                                                                  : refuse(translation, "routes");
        }
        return r;
}

static int translate(const Translation *translation, StringList *routes) {
        static const struct {
                const char *member, *key;
        } strings[] = {
                { "name", "NetworkName" },
                { "driver", "Driver" },
                { "network_interface", "InterfaceName" },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(strings); i++)
                r = add_string(translation, strings[i].member, strings[i].key);
        if (r >= 0)
                r = add_subnets(translation);
        if (r >= 0)
                r = add_bool(translation, "ipv6_enabled", "IPv6", true);
        if (r >= 0)
                r = add_bool(translation, "internal", "Internal", true);
        if (r >= 0)
                r = add_bool(translation, "dns_enabled", "DisableDNS", false);
        if (r >= 0)
                r = add_strings(translation, "network_dns_servers", "DNS");
        if (r >= 0)
                r = add_ipam(translation);
        if (r >= 0)
                r = add_options(translation);
        return r < 0 ? r : add_routes(translation, routes);
}

int podman_network_translate(const char *text, size_t size, const char *path, Diagnostics *diagnostics, UnitFile *unit,
                             StringList *routes) {
        static const char section[] = "[Network]\n";
        Translation translation = { .where = { .file = path }, .diagnostics = diagnostics, .unit = unit };
        _cleanup_json_object_ json_object *object = NULL;
        int r;

        if (size > PODMAN_NETWORK_MAX || strlen(text) != size)
                return diagnose_error(diagnostics, &translation.where,
                                      size > PODMAN_NETWORK_MAX ? "too large for a network of podman"
                                                                : "there is a NUL in it");
        r = json_parse(text, size, path, diagnostics, &object);
        if (r < 0)
                return r;
        if (!json_object_is_type(object, json_type_object))
                return diagnose_error(diagnostics, &translation.where, "not a JSON object");
        r = unit_file_read(unit, section, strlen(section), path, diagnostics);
        if (r < 0)
                return r;
        translation.object = object;
        translation.where.file = unit->files.items[0];
        return translate(&translation, routes);
}

static int load(const char *name, const char *path, const char *text, size_t size, Diagnostics *diagnostics,
                Network **ret) {
        _cleanup_free_ char *unit_name = NULL;
        _cleanup_string_list_ StringList routes = {};
        _cleanup_network_ Network *network = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        size_t errors = diagnostics->errors;
        int r;

        r = unit_name_for(FILE_NETWORK, name, &unit_name);
        if (r == -EINVAL)
                return -ENOENT;
        if (r >= 0)
                r = podman_network_translate(text, size, path, diagnostics, &unit, &routes);
        if (r >= 0)
                r = network_load(&unit,
                                 &(SpecifierContext) {
                                         .stem = name, .unit_name = unit_name, .path = path, .scope = places_scope() },
                                 diagnostics, &network);
        if (r < 0)
                return r;
        network->podman = true;
        network->routes = routes;
        routes = (StringList) {};
        network_check(network, diagnostics);
        if (diagnostics->errors > errors)
                return -EREPORTED;
        *ret = TAKE_PTR(network);
        return 0;
}

int podman_network_read(const char *name, Diagnostics *diagnostics, Network **ret) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        size_t size;
        int r;

        if (!file_name_is_valid(name))
                return -ENOENT;
        path = text_format("%s/%s" ENDING, place_path(PLACE_PODMAN_NETWORKS), name);
        if (!path)
                return -ENOMEM;
        if (access(path, F_OK) < 0)
                return -ENOENT;
        r = trusted_file_check(path, NULL, diagnostics);
        if (r < 0)
                return r;
        r = read_file_at(AT_FDCWD, path, PODMAN_NETWORK_MAX, &text, &size);
        if (r < 0)
                return r == -ENOENT || r == -ENOMEM ? r
                                                    : diagnose_error(diagnostics, &(Location) { .file = path },
                                                                     "cannot be read: %s", strerror(-r));
        return load(name, path, text, size, diagnostics, ret);
}

int podman_networks_list(StringList *ret) {
        _cleanup_string_list_ StringList files = {};
        int r = directory_list(place_path(PLACE_PODMAN_NETWORKS), &files);

        for (size_t i = 0; r >= 0 && i < files.count; i++) {
                const char *ending = endswith(files.items[i], ENDING);

                if (ending)
                        r = string_list_add_n(ret, files.items[i], (size_t) (ending - files.items[i]));
        }
        return r;
}
