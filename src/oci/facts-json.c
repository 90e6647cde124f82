/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts read from JSON: one table line a member. */
#include <errno.h>

#include "basic/json.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "oci/capabilities.h"
#include "oci/facts.h"

/* Sets `field` to what `value` says. Returns 0, -EINVAL when it is not of the kind, or -ENOMEM. */
typedef int (*MemberReader)(json_object *value, void *field);

typedef struct Member {
        const char *name;
        MemberReader read;
        const char *kind; /* what it must be, for the message */
        size_t offset;
} Member;

static int read_string(json_object *value, void *field) {
        char *copy;

        if (!json_object_is_type(value, json_type_string))
                return -EINVAL;
        copy = strdup(json_object_get_string(value));
        if (!copy)
                return -ENOMEM;
        free(*(char **) field);
        *(char **) field = copy;
        return 0;
}

static int read_string_or_null(json_object *value, void *field) {
        if (value)
                return read_string(value, field);
        *(char **) field = x_free(*(char **) field);
        return 0;
}

/* An object that stands for the file with its text. */
static int read_object_text(json_object *value, void *field) {
        char *copy;

        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        copy = strdup(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN) ?: "");
        if (!copy)
                return -ENOMEM;
        free(*(char **) field);
        *(char **) field = copy;
        return 0;
}

static int read_context(json_object *value, void *field) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
        const char *role = strchr(text, ':');

        return role && strchr(role + 1, ':') ? read_string(value, field) : -EINVAL;
}

static int read_bool(json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_boolean))
                return -EINVAL;
        *(bool *) field = json_object_get_boolean(value);
        return 0;
}

static int read_uint64(json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
                return -EINVAL;
        *(uint64_t *) field = json_object_get_uint64(value);
        return 0;
}

static int read_uint32(json_object *value, void *field) {
        uint64_t number;

        if (read_uint64(value, &number) < 0 || number > UINT32_MAX)
                return -EINVAL;
        *(uint32_t *) field = (uint32_t) number;
        return 0;
}

static int read_mode(json_object *value, void *field) {
        return json_object_is_type(value, json_type_string) ? text_to_mode(json_object_get_string(value), field)
                                                            : -EINVAL;
}

static int read_strings(json_object *value, void *field) {
        _cleanup_string_list_ StringList list = {};

        if (!json_object_is_type(value, json_type_array))
                return -EINVAL;
        for (size_t i = 0; i < json_object_array_length(value); i++) {
                json_object *item = json_object_array_get_idx(value, i);

                if (!json_object_is_type(item, json_type_string))
                        return -EINVAL;
                if (string_list_add(&list, json_object_get_string(item)) < 0)
                        return -ENOMEM;
        }
        string_list_done(field);
        *(StringList *) field = list;
        list = (StringList) {};
        return 0;
}

static int read_groups(json_object *value, void *field) {
        Facts *facts = field;
        _cleanup_free_ uint32_t *groups = NULL;
        size_t allocated = 0, count;

        if (!json_object_is_type(value, json_type_array))
                return -EINVAL;
        count = json_object_array_length(value);
        if (ARRAY_RESERVE(groups, allocated, count) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                if (read_uint32(json_object_array_get_idx(value, i), &groups[i]) < 0)
                        return -EINVAL;
        free(facts->groups);
        facts->groups = TAKE_PTR(groups);
        facts->group_count = count;
        return 0;
}

static int read_capabilities(json_object *value, void *field) {
        _cleanup_string_list_ StringList list = {};
        uint64_t mask = 0;
        int r = read_strings(value, &list);

        if (r < 0)
                return r;
        for (size_t i = 0; i < list.count; i++) {
                int number = capability_number(list.items[i]);

                if (number < 0)
                        return -EINVAL;
                mask |= UINT64_C(1) << number;
        }
        *(uint64_t *) field = mask;
        return 0;
}

/* ["0:524288:65536", …] as in UIDMap= */
static int read_id_map(json_object *value, void *field) {
        _cleanup_string_list_ StringList list = {};
        _cleanup_id_map_ IdMap map = {};
        int r = read_strings(value, &list);

        for (size_t i = 0; i < list.count && r == 0; i++) {
                IdMapping mapping;

                r = id_mapping_parse(list.items[i], ':', false, &mapping);
                if (r == 0)
                        r = id_map_add(&map, mapping);
        }
        if (r < 0)
                return r == -ENOMEM ? r : -EINVAL;
        id_map_done(field);
        *(IdMap *) field = map;
        map = (IdMap) {};
        return 0;
}

/* {"pid": "/proc/4242/ns/pid", …} */
static int read_namespaces(json_object *value, void *field) {
        Facts *facts = field;

        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, name, path) {
                OciNamespace type = 0;

                while (type < _OCI_NAMESPACE_COUNT && !streq(name, namespace_type(type)))
                        type++;
                if (type == _OCI_NAMESPACE_COUNT || read_string(path, &facts->namespaces[type]) < 0)
                        return -EINVAL;
        }
        return 0;
}

/* "c" or "b" */
static int read_device_type(json_object *value, void *field) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

        if (!streq(text, "c") && !streq(text, "b"))
                return -EINVAL;
        *(char *) field = text[0];
        return 0;
}

static int read_device_access(json_object *value, void *field) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
        size_t n = strlen(text);

        if (n == 0 || n > 3 || strspn(text, "rwm") != n)
                return -EINVAL;
        memcpy(field, text, n + 1);
        return 0;
}

/* Reads each member of `object` by its line in `table`. */
static int read_members(json_object *object, const Member table[], size_t count, void *target, const char *file,
                        Diagnostics *diagnostics) {
        const Location where = { .file = file };

        json_object_object_foreach(object, name, value) {
                const Member *member = NULL;
                int r;

                for (size_t i = 0; i < count && !member; i++)
                        if (streq(table[i].name, name))
                                member = &table[i];
                if (!member)
                        return diagnose_error(diagnostics, &where, "unknown fact \"%s\"", name);
                r = member->read(value, (char *) target + member->offset);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        return diagnose_error(diagnostics, &where, "the fact \"%s\" must be %s", name, member->kind);
        }
        return 0;
}

#define MEMBER(struct_type, member, read, kind) { #member, read, kind, offsetof(struct_type, member) }

/* What they hold is read by read_devices(), which can say which member is wrong. */
static int check_devices(json_object *value, _unused_ void *field) {
        if (!json_object_is_type(value, json_type_array))
                return -EINVAL;
        for (size_t i = 0; i < json_object_array_length(value); i++)
                if (!json_object_is_type(json_object_array_get_idx(value, i), json_type_object))
                        return -EINVAL;
        return 0;
}

static int read_device(json_object *value, Facts *facts, const char *file, Diagnostics *diagnostics) {
        static const Member table[] = {
                MEMBER(FactDevice, path, read_string, "a string"),
                MEMBER(FactDevice, type, read_device_type, "\"c\" or \"b\""),
                MEMBER(FactDevice, major, read_uint32, "a number"),
                MEMBER(FactDevice, minor, read_uint32, "a number"),
                MEMBER(FactDevice, mode, read_mode, "an octal number in quotes, \"0660\""),
                MEMBER(FactDevice, uid, read_uint32, "a number"),
                MEMBER(FactDevice, gid, read_uint32, "a number"),
                MEMBER(FactDevice, access, read_device_access, "some of \"rwm\""),
                MEMBER(FactDevice, source, read_string_or_null, "a string or null"),
        };
        FactDevice device = { .type = 'c', .mode = 0666, .access = "rwm" };
        int r;

        r = read_members(value, table, ARRAY_SIZE(table), &device, file, diagnostics);
        if (r == 0 && !device.path)
                r = diagnose_error(diagnostics, &(Location) { .file = file },
                                   "a device among the facts has no \"path\"");
        if (r == 0)
                r = ARRAY_RESERVE(facts->devices.items, facts->devices.allocated, facts->devices.count + 1);
        if (r < 0) {
                free(device.path);
                return r;
        }
        facts->devices.items[facts->devices.count++] = device;
        return 0;
}

static int read_devices(json_object *value, Facts *facts, const char *file, Diagnostics *diagnostics) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
                int r = read_device(json_object_array_get_idx(value, i), facts, file, diagnostics);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What it holds is read by read_selinux(). */
static int check_selinux(json_object *value, _unused_ void *field) {
        return json_object_is_type(value, json_type_object) ? 0 : -EINVAL;
}

static int read_selinux(json_object *value, FactLabels *labels, const char *file, Diagnostics *diagnostics) {
        static const Member table[] = {
                MEMBER(FactLabels, process, read_context, "a context, \"USER:ROLE:TYPE[:LEVEL]\""),
                MEMBER(FactLabels, init_process, read_context, "a context, \"USER:ROLE:TYPE[:LEVEL]\""),
                MEMBER(FactLabels, kvm_process, read_context, "a context, \"USER:ROLE:TYPE[:LEVEL]\""),
                MEMBER(FactLabels, privileged_process, read_context, "a context, \"USER:ROLE:TYPE[:LEVEL]\""),
                MEMBER(FactLabels, file, read_context, "a context, \"USER:ROLE:TYPE[:LEVEL]\""),
                MEMBER(FactLabels, level, read_string, "a string"),
        };
        int r = read_members(value, table, ARRAY_SIZE(table), labels, file, diagnostics);

        if (r == 0 && (!labels->process || !labels->file || !labels->level))
                return diagnose_error(diagnostics, &(Location) { .file = file },
                                      "\"selinux\" among the facts needs \"process\", \"file\" and \"level\"");
        return r;
}

static int read_paths(json_object *value, Facts *facts,
                      int (*add)(Facts *facts, const char *written, const char *path)) {
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, written, item) {
                if (!json_object_is_type(item, json_type_string))
                        return -EINVAL;
                if (add(facts, written, json_object_get_string(item)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* {"/srv/?.conf": ["/srv/a.conf", …]} */
static int read_globs(json_object *value, void *field) {
        Facts *facts = field;

        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, pattern, matches) {
                _cleanup_string_list_ StringList list = {};
                int r = read_strings(matches, &list);

                for (size_t i = 0; i < list.count && r == 0; i++)
                        r = fact_path_add(&facts->globs, pattern, list.items[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_resolved(json_object *value, void *field) {
        return read_paths(value, field, facts_add_resolved);
}

static int read_volumes(json_object *value, void *field) {
        return read_paths(value, field, facts_add_volume);
}

static int read_mapped(json_object *value, void *field) {
        return read_paths(value, field, facts_add_mapped);
}

/* What it holds is read by image_config_read(), before there are facts. */
static int check_image(json_object *value, _unused_ void *field) {
        return json_object_is_type(value, json_type_object) ? 0 : -EINVAL;
}

/* {"/data": "/run/berth/bundles/web/overlays/0"} */
static int read_path_list(json_object *value, void *field) {
        FactPathList *list = field;

        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, destination, path)
                if (!json_object_is_type(path, json_type_string))
                        return -EINVAL;
                else if (fact_path_add(list, destination, json_object_get_string(path)) < 0)
                        return -ENOMEM;
        return 0;
}

/* {"/etc/containers/oci/hooks.d/a.json": {…}} */
static int read_hooks(json_object *value, void *field) {
        Facts *facts = field;

        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, path, hook) {
                _cleanup_free_ char *text = NULL;
                int r = read_object_text(hook, &text);

                if (r == 0)
                        r = fact_path_add(&facts->hooks, path, text);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_specifiers(json_object *value, _unused_ void *field) {
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, name, item)
                if (strlen(name) != 1 || !json_object_is_type(item, json_type_string))
                        return -EINVAL;
        return 0;
}

int facts_from_json(json_object *json, const char *file, Facts *facts, Diagnostics *diagnostics) {
        static const Member table[] = {
                MEMBER(Facts, rootfs, read_string, "a string"),
                MEMBER(Facts, cgroup, read_string_or_null, "a string or null"),
                MEMBER(Facts, cgroup_unified, read_bool, "true or false"),
                MEMBER(Facts, host_name, read_string, "a string"),
                MEMBER(Facts, created, read_string, "a string"),
                MEMBER(Facts, container_uuid, read_string, "a string"),
                MEMBER(Facts, architecture, read_string, "a string"),
                MEMBER(Facts, kernel, read_string, "a string"),
                MEMBER(Facts, seccomp, read_bool, "true or false"),
                MEMBER(Facts, seccomp_profile, read_object_text, "an object"),
                { "selinux", check_selinux, "an object", 0 },
                MEMBER(Facts, apparmor, read_bool, "true or false"),
                MEMBER(Facts, uid, read_uint32, "a number"),
                MEMBER(Facts, gid, read_uint32, "a number"),
                { "groups", read_groups, "an array of numbers", 0 },
                MEMBER(Facts, home, read_string_or_null, "a string or null"),
                MEMBER(Facts, limit_files, read_strings, "an array of strings"),
                MEMBER(Facts, host_environment, read_strings, "an array of strings"),
                MEMBER(Facts, file_environment, read_strings, "an array of strings"),
                MEMBER(Facts, capabilities, read_capabilities, "an array of names, \"CAP_CHOWN\""),
                MEMBER(Facts, nofile_hard, read_uint64, "a number"),
                MEMBER(Facts, nproc_hard, read_uint64, "a number"),
                MEMBER(Facts, device_filter, read_bool, "true or false"),
                { "devices", check_devices, "an array of objects", 0 },
                { "hooks", read_hooks, "an object of objects", 0 },
                { "globs", read_globs, "an object of arrays of strings", 0 },
                MEMBER(Facts, overlays, read_path_list, "an object of strings"),
                MEMBER(Facts, volume_flags, read_path_list, "an object of strings"),
                MEMBER(Facts, image_mounts, read_path_list, "an object of strings"),
                { "resolved", read_resolved, "an object of strings", 0 },
                { "volumes", read_volumes, "an object of strings", 0 },
                { "mapped", read_mapped, "an object of strings", 0 },
                MEMBER(Facts, init_program, read_string_or_null, "a string or null"),
                { "namespaces", read_namespaces, "an object of paths by type, \"pid\"", 0 },
                MEMBER(Facts, joined_shm, read_string_or_null, "a string or null"),
                MEMBER(Facts, joined_host_name, read_string_or_null, "a string or null"),
                MEMBER(Facts, own_addresses, read_strings, "an array of strings"),
                MEMBER(Facts, host_gateway, read_string_or_null, "a string or null"),
                MEMBER(Facts, name_servers, read_strings, "an array of strings"),
                MEMBER(Facts, uid_map, read_id_map, "an array of mappings, \"0:524288:65536\""),
                MEMBER(Facts, gid_map, read_id_map, "an array of mappings, \"0:524288:65536\""),
                MEMBER(Facts, secret_files, read_strings, "an array of strings"),
                MEMBER(Facts, secret_environment, read_strings, "an array of strings"),
                MEMBER(Facts, bind_files, read_strings, "an array of strings"),
                { "image", check_image, "an object, the \"config\" of an image", 0 },
                { "specifiers", check_specifiers, "an object of one-letter names and strings", 0 },
        };
        json_object *devices, *selinux;
        int r;

        if (!json_object_is_type(json, json_type_object))
                return diagnose_error(diagnostics, &(Location) { .file = file }, "facts must be an object");
        r = read_members(json, table, ARRAY_SIZE(table), facts, file, diagnostics);
        if (r == 0 && json_object_object_get_ex(json, "devices", &devices))
                r = read_devices(devices, facts, file, diagnostics);
        if (r == 0 && json_object_object_get_ex(json, "selinux", &selinux))
                r = read_selinux(selinux, &facts->selinux, file, diagnostics);
        return r;
}
