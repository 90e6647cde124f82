/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of a machine that there is none of, so that a configuration can be looked at anywhere. */
#include "oci/example-facts.h"

#include <errno.h>

#include "basic/json.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "config/value/values.h"
#include "kind/container/container-id-maps.h"
#include "kind/secret-source.h"
#include "oci/fact-table.h"
#include "oci/oci-namespaces.h"
#include "source/places.h"
#include "source/unit-name.h"

/* An ID that is written as a number and so needs no look-up; else `fallback`. */
static uint32_t example_id(const char *text, size_t n, uint32_t fallback) {
        char digits[16] = "";
        uint64_t value;

        if (n < sizeof(digits))
                memcpy(digits, text, n);
        return text_to_unsigned(digits, UINT32_MAX - 1, &value) == 0 ? (uint32_t) value : fallback;
}

static void example_user(Facts *facts, const Container *container) {
        const char *user = container->user ?: "", *colon = strchrnul(user, ':');
        const char *group = container->group ?: (*colon ? colon + 1 : "");

        if (!container->user && container_kept_user(container, 0, 0, &facts->uid, &facts->gid))
                return;
        facts->uid = example_id(user, (size_t) (colon - user), 0);
        facts->gid = example_id(group, strlen(group), 0);
}

/* Something to join, and mappings: those of the file, else those that a first container with
 * UserNS=auto gets. */
static int example_namespaces(Facts *facts, const Container *container) {
        static const IdMapping mapping = { 0, 524288, 65536 };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        for (OciNamespace i = 0; i < _OCI_NAMESPACE_COUNT; i++)
                if (namespace_kind(container, facts, i) == NAMESPACE_CONTAINER ||
                    namespace_kind(container, facts, i) == NAMESPACE_POD) {
                        facts->namespaces[i] = text_format("/proc/4242/ns/%s",
                                                           i == OCI_NAMESPACE_NETWORK ? "net" : namespace_type(i));
                        if (!facts->namespaces[i])
                                return -ENOMEM;
                }
        if (!has_user_namespace(container, facts))
                return 0;
        r = container_id_maps(container, NULL, NULL, &diagnostics, &facts->uid_map, &facts->gid_map);
        if (r >= 0 && facts->uid_map.count == 0)
                r = id_map_add(&facts->uid_map, mapping);
        if (r >= 0 && facts->gid_map.count == 0)
                r = id_map_add(&facts->gid_map, mapping);
        return r == -EREPORTED ? 0 : r;
}

static int example_volumes(Facts *facts, const Container *container, const char *id) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                const char *end = volume->source ? endswith(volume->source, ".volume") : NULL;
                _cleanup_free_ char *path = NULL;
                int r;

                if (volume->kind == VOLUME_HOST_PATH)
                        continue;
                if (volume->kind == VOLUME_ANONYMOUS)
                        path = text_format("%s/%s/volumes/%zu/_data", place_path_of_system(PLACE_CONTAINERS), id, i);
                else
                        path = text_format("%s/%.*s/_data", place_path_of_system(PLACE_VOLUMES),
                                           (int) (end ? end - volume->source : (ssize_t) strlen(volume->source)),
                                           volume->source);
                r = path ? facts_add_volume(facts, facts_volume_key(volume), path) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int example_overlays(Facts *facts, const Container *container, const char *id) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                _cleanup_free_ char *path = text_format("%s/%s/overlays/%zu", place_path_of_system(PLACE_BUNDLES), id,
                                                        facts->overlays.count);

                if (volume->overlay && (!path || fact_path_add(&facts->overlays, volume->destination, path) < 0))
                        return -ENOMEM;
        }
        return 0;
}

static int example_image_mounts(Facts *facts, const Container *container, const char *id) {
        _cleanup_free_ char *bundle_path = text_format("%s/%s", place_path_of_system(PLACE_BUNDLES), id);

        return bundle_path ? facts_add_image_mounts(facts, container, bundle_path) : -ENOMEM;
}

static int example_secrets(Facts *facts, const Container *container, const char *id) {
        int r = 0;

        for (size_t i = 0; i < container->secrets.count && r == 0; i++) {
                const Secret *secret = &container->secrets.items[i];

                if (secret->environment)
                        r = string_list_addf(&facts->secret_environment, "%s=" SECRET_MASK, secret->target);
                else
                        r = string_list_addf(&facts->secret_files, "%s/%s/secrets/%zu:%s",
                                             place_path_of_system(PLACE_BUNDLES), id, facts->secret_files.count,
                                             secret->target);
        }
        return r;
}

/* Those that are the same for every container stand in facts.def. */
static int example_of_table(Facts *facts) {
        _cleanup_json_object_ json_object *examples = json_object_new_object();
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        for (const Fact *fact = fact_table; fact->name; fact++) {
                json_object *value;

                if (fact->owner != OWNER_FACTS || !*fact->example)
                        continue;
                value = json_tokener_parse(fact->example);
                if (!examples || !value || json_object_object_add(examples, fact->name, value) < 0) {
                        json_object_put(value);
                        return -ENOMEM;
                }
        }
        return examples ? facts_from_json(examples, "facts.def", facts, &diagnostics) : -ENOMEM;
}

static int example_places(Facts *facts, const Container *container, const char *id) {
        facts->rootfs = text_format("%s/%s/rootfs", place_path_of_system(PLACE_BUNDLES), id);
        facts->cgroup = text_format("/system.slice/system-container.slice/%s", container->unit_name);
        return facts->rootfs && facts->cgroup ? 0 : -ENOMEM;
}

static void example_capabilities(Facts *facts) {
        size_t count;

        (void) capability_names(&count);
        facts->capabilities = (UINT64_C(1) << count) - 1;
}

int facts_init_example(Facts *facts, const Container *container) {
        _cleanup_free_ char *id = container_id_for(container->stem);

        if (!id)
                return -ENOMEM;
        example_capabilities(facts);
        example_user(facts, container);
        if (example_of_table(facts) < 0 || example_places(facts, container, id) < 0 ||
            example_namespaces(facts, container) < 0 || example_volumes(facts, container, id) < 0 ||
            example_secrets(facts, container, id) < 0 || example_overlays(facts, container, id) < 0 ||
            example_image_mounts(facts, container, id) < 0) {
                facts_done(facts);
                return -ENOMEM;
        }
        return 0;
}

/* A value for every specifier that systemd.unit(5) takes from the machine. */
static const char *example_specifier(char specifier) {
        switch (specifier) {
        case 'a': return "x86-64";
        case 'A': return "1";
        case 'b': return "fedcba9876543210fedcba9876543210";
        case 'B': return "20010203";
        case 'C': return "/var/cache";
        case 'd': return "/run/credentials/example";
        case 'E': return "/etc";
        case 'g': return "root";
        case 'G': return "0";
        case 'h': return "/root";
        case 'H':
        case 'l':
        case 'q': return "host";
        case 'L': return "/var/log";
        case 'm': return "0123456789abcdef0123456789abcdef";
        case 'M': return "example";
        case 'o': return "linux";
        case 's': return "/bin/sh";
        case 'S': return "/var/lib";
        case 't': return "/run";
        case 'T': return "/tmp";
        case 'u': return "root";
        case 'U': return "0";
        case 'v': return "6.1.0";
        case 'V': return "/var/tmp";
        case 'w': return "1";
        case 'W': return "server";
        default: return NULL;
        }
}

int facts_specifier(void *userdata, char specifier, char **ret) {
        const char name[] = { specifier, '\0' },
                   *value = json_get_string(json_object_object_get(userdata, "specifiers"), name);
        char *copy;

        if (!value)
                value = example_specifier(specifier);
        if (!value)
                return -ENXIO;
        copy = strdup(value);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}
