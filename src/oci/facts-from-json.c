/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts read from JSON: a reader for each kind, and each fact by its line in facts.def. */
#include <errno.h>

#include "basic/json.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "oci/capabilities.h"
#include "oci/fact-table.h"

typedef struct Reader {
        const char *file;
        Diagnostics *diagnostics;
} Reader;

static int read_members(const Reader *reader, json_object *object, FactOwner owner, void *target);

static int refuse(const Reader *reader, const char *message) {
        return diagnose_error(reader->diagnostics, &(Location) { .file = reader->file }, "%s", message);
}

/* A reader for each kind: it sets `field` to what `value` says, and returns 0, -EINVAL when that is
 * not of the kind, -EREPORTED when it has said itself what is wrong, or -ENOMEM. */

static int set_string(char **field, const char *text) {
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        free(*field);
        *field = copy;
        return 0;
}

static int read_string(_unused_ const Reader *reader, json_object *value, void *field) {
        return json_object_is_type(value, json_type_string) ? set_string(field, json_object_get_string(value))
                                                            : -EINVAL;
}

static int read_optional(const Reader *reader, json_object *value, void *field) {
        if (value)
                return read_string(reader, value, field);
        *(char **) field = x_free(*(char **) field);
        return 0;
}

static int read_context(const Reader *reader, json_object *value, void *field) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
        const char *role = strchr(text, ':');

        return !value || (role && strchr(role + 1, ':')) ? read_optional(reader, value, field) : -EINVAL;
}

/* An object that stands for the file with its text. */
static int read_text(const Reader *reader, json_object *value, void *field) {
        if (!value)
                return read_optional(reader, value, field);
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        return set_string(field, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN) ?: "");
}

static int read_bool(_unused_ const Reader *reader, json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_boolean))
                return -EINVAL;
        *(bool *) field = json_object_get_boolean(value);
        return 0;
}

static int read_uint64(_unused_ const Reader *reader, json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
                return -EINVAL;
        *(uint64_t *) field = json_object_get_uint64(value);
        return 0;
}

static int read_uint32(const Reader *reader, json_object *value, void *field) {
        uint64_t number;

        if (read_uint64(reader, value, &number) < 0 || number > UINT32_MAX)
                return -EINVAL;
        *(uint32_t *) field = (uint32_t) number;
        return 0;
}

static int read_mode(_unused_ const Reader *reader, json_object *value, void *field) {
        return json_object_is_type(value, json_type_string) ? text_to_mode(json_object_get_string(value), field)
                                                            : -EINVAL;
}

static int read_device_type(_unused_ const Reader *reader, json_object *value, void *field) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

        if (!streq(text, "c") && !streq(text, "b"))
                return -EINVAL;
        *(char *) field = text[0];
        return 0;
}

static int read_access(_unused_ const Reader *reader, json_object *value, void *field) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
        size_t n = strlen(text);

        if (n == 0 || n >= sizeof(FactAccess) || strspn(text, "rwm") != n)
                return -EINVAL;
        memcpy(field, text, n + 1);
        return 0;
}

static int read_strings(_unused_ const Reader *reader, json_object *value, void *field) {
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

static int read_ids(const Reader *reader, json_object *value, void *field) {
        _cleanup_free_ uint32_t *items = NULL;
        FactIds *ids = field;
        size_t allocated = 0, count;

        if (!json_object_is_type(value, json_type_array))
                return -EINVAL;
        count = json_object_array_length(value);
        if (ARRAY_RESERVE(items, allocated, count) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                if (read_uint32(reader, json_object_array_get_idx(value, i), &items[i]) < 0)
                        return -EINVAL;
        free(ids->items);
        *ids = (FactIds) { .items = TAKE_PTR(items), .count = count, .allocated = allocated };
        return 0;
}

static int read_capabilities(const Reader *reader, json_object *value, void *field) {
        _cleanup_string_list_ StringList list = {};
        uint64_t mask = 0;
        int r = read_strings(reader, value, &list);

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
static int read_id_map(const Reader *reader, json_object *value, void *field) {
        _cleanup_string_list_ StringList list = {};
        _cleanup_id_map_ IdMap map = {};
        int r = read_strings(reader, value, &list);

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

/* {"pid": "/proc/4242/ns/pid", …}; null for one that is not joined. */
static int read_namespaces(const Reader *reader, json_object *value, void *field) {
        char **paths = *(FactNamespaces *) field;

        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, name, path) {
                OciNamespace type = 0;
                int r;

                while (type < _OCI_NAMESPACE_COUNT && !streq(name, namespace_type(type)))
                        type++;
                r = type < _OCI_NAMESPACE_COUNT ? read_optional(reader, path, &paths[type]) : -EINVAL;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_device(const Reader *reader, json_object *value, FactDeviceList *list) {
        _cleanup_fact_device_ FactDevice device = { .type = 'c', .mode = 0666, .access = "rwm" };
        int r = json_object_is_type(value, json_type_object) ? read_members(reader, value, OWNER_DEVICE, &device)
                                                             : -EINVAL;

        if (r == 0 && !device.path)
                r = refuse(reader, "a device among the facts has no \"path\"");
        if (r == 0)
                r = ARRAY_RESERVE(list->items, list->allocated, list->count + 1);
        if (r < 0)
                return r;
        list->items[list->count++] = device;
        device = (FactDevice) {};
        return 0;
}

static int read_devices(const Reader *reader, json_object *value, void *field) {
        int r = json_object_is_type(value, json_type_array) ? 0 : -EINVAL;

        for (size_t i = 0; r == 0 && i < json_object_array_length(value); i++)
                r = read_device(reader, json_object_array_get_idx(value, i), field);
        return r;
}

static int read_labels(const Reader *reader, json_object *value, void *field) {
        FactLabels *labels = field;
        int r;

        if (!value) {
                fact_labels_done(labels);
                return 0;
        }
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        r = read_members(reader, value, OWNER_LABELS, labels);
        if (r == 0 && (!labels->process || !labels->file || !labels->level))
                r = refuse(reader, "\"selinux\" among the facts needs \"process\", \"file\" and \"level\"");
        return r;
}

/* {"/data": "/run/berth/bundles/web/overlays/0"} */
static int read_paths(_unused_ const Reader *reader, json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, written, resolved) {
                if (!json_object_is_type(resolved, json_type_string))
                        return -EINVAL;
                if (fact_path_add(field, written, json_object_get_string(resolved)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* {"/srv/?.conf": ["/srv/a.conf", …]} */
static int read_globs(const Reader *reader, json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, pattern, matches) {
                _cleanup_string_list_ StringList list = {};
                int r = read_strings(reader, matches, &list);

                for (size_t i = 0; i < list.count && r == 0; i++)
                        r = fact_path_add(field, pattern, list.items[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* {"/etc/containers/oci/hooks.d/a.json": {…}} */
static int read_hooks(const Reader *reader, json_object *value, void *field) {
        if (!json_object_is_type(value, json_type_object))
                return -EINVAL;
        json_object_object_foreach(value, path, hook) {
                _cleanup_free_ char *text = NULL;
                int r = hook ? read_text(reader, hook, &text) : -EINVAL;

                if (r == 0)
                        r = fact_path_add(field, path, text);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Members of the file that are no facts. */

/* What it holds is read by image_config_read(), before there are facts. */
static bool image_is_sound(json_object *value) {
        return json_object_is_type(value, json_type_object);
}

static bool specifiers_are_sound(json_object *value) {
        if (!json_object_is_type(value, json_type_object))
                return false;
        json_object_object_foreach(value, name, item)
                if (strlen(name) != 1 || !json_object_is_type(item, json_type_string))
                        return false;
        return true;
}

static int check_other(const Reader *reader, const char *name, json_object *value) {
        if (streq(name, "image"))
                return image_is_sound(value) ? 0 : refuse(reader, "the fact \"image\" must be an object, the "
                                                                  "\"config\" of an image");
        if (streq(name, "specifiers"))
                return specifiers_are_sound(value) ? 0 : refuse(reader, "the fact \"specifiers\" must be an object of "
                                                                        "one-letter names and strings");
        return diagnose_error(reader->diagnostics, &(Location) { .file = reader->file }, "unknown fact \"%s\"", name);
}

static int read_fact(const Reader *reader, const Fact *fact, json_object *value, void *target) {
        static const struct {
                int (*read)(const Reader *reader, json_object *value, void *field);
                const char *must_be;
        } kinds[_FACT_KIND_COUNT] = {
#define KIND(name, ctype, done, json) [FACT_KIND_##name] = { read_##name, json },
                FACT_KINDS(KIND)
#undef KIND
        };
        int r = kinds[fact->kind].read(reader, value, (char *) target + fact->offset);

        if (r == 0 || r == -ENOMEM || r == -EREPORTED)
                return r;
        return diagnose_error(reader->diagnostics, &(Location) { .file = reader->file }, "the fact \"%s\" must be %s",
                              fact->name, kinds[fact->kind].must_be);
}

/* Reads each member of `object` into `target`, a struct of the kind of `owner`. */
static int read_members(const Reader *reader, json_object *object, FactOwner owner, void *target) {
        json_object_object_foreach(object, name, value) {
                const Fact *fact = fact_table;
                int r;

                while (fact->name && (fact->owner != owner || !streq(fact->name, name)))
                        fact++;
                r = fact->name ? read_fact(reader, fact, value, target) : check_other(reader, name, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

int facts_from_json(json_object *json, const char *file, Facts *facts, Diagnostics *diagnostics) {
        const Reader reader = { .file = file, .diagnostics = diagnostics };

        if (!json_object_is_type(json, json_type_object))
                return refuse(&reader, "facts must be an object");
        return read_members(&reader, json, OWNER_FACTS, facts);
}
