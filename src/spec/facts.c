/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts themselves: what an example of them is, looking into them, and freeing them. */
#include "spec/facts.h"

#include <errno.h>

#include "basic/text.h"
#include "config/container-id-maps.h"
#include "config/container-mounts.h"
#include "config/secret-source.h"
#include "config/unit-name.h"
#include "config/values.h"
#include "spec/json.h"
#include "spec/namespaces.h"

const char *namespace_type(OciNamespace type) {
        static const char *const types[_OCI_NAMESPACE_COUNT] = { "pid", "network", "ipc", "uts", "mount", "cgroup", "user" };
        return types[type];
}

int fact_path_add(FactPathList *list, const char *written, const char *resolved) {
        _cleanup_free_ char *key = strdup(written), *value = strdup(resolved);

        if (!key || !value || ARRAY_RESERVE(list->items, list->allocated, list->count + 1) < 0)
                return -ENOMEM;
        list->items[list->count++] = (FactPath) { .written = TAKE_PTR(key), .resolved = TAKE_PTR(value) };
        return 0;
}

static const char *find_path(const FactPathList *list, const char *written) {
        /* The last one added counts: what a file says comes after the example. */
        for (size_t i = list->count; i > 0; i--)
                if (streq(list->items[i - 1].written, written))
                        return list->items[i - 1].resolved;
        return NULL;
}

static void done_paths(FactPathList *list) {
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].written);
                free(list->items[i].resolved);
        }
        free(list->items);
}

int facts_add_resolved(Facts *facts, const char *written, const char *resolved) {
        return fact_path_add(&facts->resolved, written, resolved);
}

int facts_add_mapped(Facts *facts, const char *destination, const char *source) {
        return fact_path_add(&facts->mapped, destination, source);
}

const char *facts_find_mapped(const Facts *facts, const VolumeMount *volume) {
        return find_path(&facts->mapped, volume->destination);
}

static int to_outside(const IdMap *map, uint32_t id, uint32_t *ret) {
        if (map->count > 0)
                return id_map_to_outside(map, id, ret);
        *ret = id;
        return 0;
}

int facts_uid_outside(const Facts *facts, uint32_t uid, uint32_t *ret) {
        return to_outside(&facts->uid_map, uid, ret);
}

int facts_gid_outside(const Facts *facts, uint32_t gid, uint32_t *ret) {
        return to_outside(&facts->gid_map, gid, ret);
}

int facts_add_image_mounts(Facts *facts, const Container *container, const char *bundle_path) {
        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];
                _cleanup_free_ char *path = mount_is(mount, "image") ? text_format("%s/image-%zu", bundle_path, i) : NULL;

                if (mount_is(mount, "image") && (!path || fact_path_add(&facts->image_mounts, mount->destination, path) < 0))
                        return -ENOMEM;
        }
        return 0;
}

const char *facts_find_image_mount(const Facts *facts, const Mount *mount) {
        return find_path(&facts->image_mounts, mount->destination);
}

const char *facts_find_overlay(const Facts *facts, const VolumeMount *volume) {
        return find_path(&facts->overlays, volume->destination);
}

/* Returns how many files match, or -ENOMEM. */
static int expand_glob(const Facts *facts, Container *container, const Mount *glob) {
        int matches = 0;

        for (size_t i = 0; i < facts->globs.count; i++) {
                const FactPath *match = &facts->globs.items[i];

                if (!streq(match->written, glob->source))
                        continue;
                if (container_add_glob_match(container, glob, match->resolved) < 0)
                        return -ENOMEM;
                matches++;
        }
        return matches;
}

int facts_expand_globs(const Facts *facts, Container *container, Diagnostics *diagnostics) {
        int result = 0;

        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];
                int r = mount_is(mount, "glob") ? expand_glob(facts, container, mount) : 1;

                if (r < 0)
                        return r;
                if (r == 0)
                        result = diagnose_error(diagnostics, &mount->where, "nothing matches \"%s\"", mount->source);
        }
        return result;
}

const char *facts_resolve(const Facts *facts, const char *path) {
        return find_path(&facts->resolved, path) ?: path;
}

int facts_add_volume(Facts *facts, const char *written, const char *path) {
        return fact_path_add(&facts->volumes, written, path);
}

const char *facts_volume_key(const VolumeMount *volume) {
        return volume->source ?: volume->destination;
}

const char *facts_volume_source(const Facts *facts, const VolumeMount *volume) {
        if (volume->kind == VOLUME_HOST_PATH)
                return volume->source;
        return find_path(&facts->volumes, volume->destination) ?: find_path(&facts->volumes, facts_volume_key(volume));
}

/* An ID that is written as a number and so needs no look-up; else `fallback`. */
static uint32_t example_id(const char *text, size_t n, uint32_t fallback) {
        char digits[16] = "";
        uint64_t value;

        if (n < sizeof(digits))
                memcpy(digits, text, n);
        return value_unsigned(digits, UINT32_MAX - 1, &value) == 0 ? (uint32_t) value : fallback;
}

static void example_user(Facts *facts, const Container *container) {
        const char *user = container->user ?: "", *colon = strchrnul(user, ':');
        const char *group = container->group ?: (*colon ? colon + 1 : "");

        if (!container->user && container_kept_user(container, &facts->uid, &facts->gid))
                return;
        facts->uid = example_id(user, (size_t) (colon - user), 0);
        facts->gid = example_id(group, strlen(group), 0);
}

/* Something to join, and mappings: those of the file, else those that a first container with UserNS=auto gets. */
static int example_namespaces(Facts *facts, const Container *container) {
        static const IdMapping mapping = { 0, 524288, 65536 };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        for (OciNamespace i = 0; i < _OCI_NAMESPACE_COUNT; i++)
                if (namespace_kind(container, facts, i) == NAMESPACE_CONTAINER) {
                        facts->namespaces[i] = text_format("/proc/4242/ns/%s", i == OCI_NAMESPACE_NETWORK ? "net" : namespace_type(i));
                        if (!facts->namespaces[i])
                                return -ENOMEM;
                }
        if (!has_user_namespace(container, facts))
                return 0;
        r = container_id_maps(container, &diagnostics, &facts->uid_map, &facts->gid_map);
        if (r >= 0 && facts->uid_map.count == 0)
                r = id_map_add(&facts->uid_map, mapping);
        if (r >= 0 && facts->gid_map.count == 0)
                r = id_map_add(&facts->gid_map, mapping);
        return r == -EINVAL ? 0 : r;
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
                        path = text_format("/var/lib/berth/containers/%s/volumes/%zu/_data", id, i);
                else
                        path = text_format("/var/lib/berth/volumes/%.*s/_data", (int) (end ? end - volume->source : (ssize_t) strlen(volume->source)),
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
                _cleanup_free_ char *path = text_format("/run/berth/bundles/%s/overlays/%zu", id, facts->overlays.count);

                if (volume->overlay && (!path || fact_path_add(&facts->overlays, volume->destination, path) < 0))
                        return -ENOMEM;
        }
        return 0;
}

static int example_image_mounts(Facts *facts, const Container *container, const char *id) {
        _cleanup_free_ char *bundle_path = text_format("/run/berth/bundles/%s", id);

        return bundle_path ? facts_add_image_mounts(facts, container, bundle_path) : -ENOMEM;
}

static int example_secrets(Facts *facts, const Container *container, const char *id) {
        int r = 0;

        for (size_t i = 0; i < container->secrets.count && r == 0; i++) {
                const Secret *secret = &container->secrets.items[i];

                if (secret->environment)
                        r = string_list_addf(&facts->secret_environment, "%s=" SECRET_MASK, secret->target);
                else
                        r = string_list_addf(&facts->secret_files, "/run/berth/bundles/%s/secrets/%zu:%s", id, facts->secret_files.count, secret->target);
        }
        return r;
}

int facts_init_example(Facts *facts, const Container *container) {
        _cleanup_free_ char *id = container_id_for(container->stem);
        size_t capability_count;

        if (!id)
                return -ENOMEM;
        (void) capability_names(&capability_count);
        *facts = (Facts) {
                .rootfs = text_format("/run/berth/bundles/%s/rootfs", id),
                .cgroup = text_format("/system.slice/system-container.slice/%s", container->unit_name),
                .cgroup_unified = true,
                .host_name = strdup("host"),
                .created = strdup("2001-02-03T04:05:06.000000007Z"),
                .container_uuid = strdup("0123456789abcdef0123456789abcdef"),
                .architecture = strdup("amd64"),
                .kernel = strdup("6.1.0"),
                .home = strdup("/root"),
                .capabilities = (UINT64_C(1) << capability_count) - 1,
                .nofile_hard = 524288,
                .nproc_hard = 62987,
                .device_filter = true,
                .init_program = strdup("/usr/bin/catatonit"),
        };
        if (!facts->rootfs || !facts->cgroup || !facts->host_name || !facts->created || !facts->container_uuid || !facts->architecture ||
            !facts->kernel || !facts->home || !facts->init_program) {
                facts_done(facts);
                return -ENOMEM;
        }
        example_user(facts, container);
        if (example_namespaces(facts, container) < 0 || example_volumes(facts, container, id) < 0 || example_secrets(facts, container, id) < 0 ||
            example_overlays(facts, container, id) < 0 || example_image_mounts(facts, container, id) < 0) {
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
        const char name[] = { specifier, '\0' }, *value = NULL;
        json_object *table, *given;
        char *copy;

        if (userdata && json_object_object_get_ex(userdata, "specifiers", &table) && json_object_object_get_ex(table, name, &given) &&
            json_object_is_type(given, json_type_string))
                value = json_object_get_string(given);
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

void fact_labels_done(FactLabels *labels) {
        free(labels->process);
        free(labels->init_process);
        free(labels->kvm_process);
        free(labels->privileged_process);
        free(labels->file);
        free(labels->level);
        *labels = (FactLabels) {};
}

void facts_done(Facts *facts) {
        for (size_t i = 0; i < facts->devices.count; i++) {
                free(facts->devices.items[i].path);
                free(facts->devices.items[i].source);
        }
        free(facts->devices.items);
        done_paths(&facts->resolved);
        done_paths(&facts->volumes);
        done_paths(&facts->globs);
        done_paths(&facts->mapped);
        done_paths(&facts->overlays);
        done_paths(&facts->image_mounts);
        done_paths(&facts->hooks);
        free(facts->rootfs);
        free(facts->cgroup);
        free(facts->host_name);
        free(facts->created);
        free(facts->container_uuid);
        free(facts->architecture);
        free(facts->kernel);
        free(facts->seccomp_profile);
        fact_labels_done(&facts->selinux);
        free(facts->groups);
        free(facts->home);
        free(facts->init_program);
        string_list_done(&facts->host_environment);
        string_list_done(&facts->file_environment);
        for (size_t i = 0; i < _OCI_NAMESPACE_COUNT; i++)
                free(facts->namespaces[i]);
        free(facts->joined_shm);
        free(facts->joined_host_name);
        id_map_done(&facts->uid_map);
        id_map_done(&facts->gid_map);
        string_list_done(&facts->secret_files);
        string_list_done(&facts->secret_environment);
        string_list_done(&facts->bind_files);
        *facts = (Facts) {};
}
