/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a specification of the container device interface does to a container; see "ContainerEdits"
 * in its SPEC.md. */
#include "start/cdi/cdi-edits.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "basic/path.h"
#include "basic/root.h"
#include "basic/text.h"
#include "start/hooks.h"

typedef struct Edits {
        const char *file;
        const Location *where;
        int root_fd;
        Facts *facts;
        Diagnostics *diagnostics;
} Edits;

static int refuse(const Edits *edits, const char *format, ...) _printf_(2, 3);

static int refuse(const Edits *edits, const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        if (text.failed)
                return -ENOMEM;
        return diagnose_error(edits->diagnostics, edits->where, "%s: %s", edits->file, text.data);
}

/* A number of 32 bits. Returns 1 with it, 0 when there is none, or -EINVAL. */
static int number_of(json_object *object, const char *name, uint32_t *ret) {
        json_object *value = json_object_object_get(object, name);
        int64_t number;

        if (!value)
                return 0;
        number = json_object_get_int64(value);
        if (!json_object_is_type(value, json_type_int) || number < 0 || number > UINT32_MAX)
                return -EINVAL;
        *ret = (uint32_t) number;
        return 1;
}

/* Each of these takes one item of a member. */

static int add_variable(const Edits *edits, json_object *item) {
        const char *text = json_object_is_type(item, json_type_string) ? json_object_get_string(item) : "";

        if (*text == '=' || !strchr(text, '='))
                return refuse(edits, "\"env\" must be assignments, not \"%s\"", text);
        return string_list_assign(&edits->facts->device_environment, text);
}

static bool is_plain_path(const char *path) {
        return path && path[0] == '/' && !strpbrk(path, ":\n");
}

static int join_options(const Edits *edits, json_object *mount, Text *text) {
        json_object *options = json_object_object_get(mount, "options");
        bool bound = false;

        if (options && !json_object_is_type(options, json_type_array))
                return refuse(edits, "\"options\" of a mount must be an array");
        for (size_t i = 0; options && i < json_object_array_length(options); i++) {
                json_object *option = json_object_array_get_idx(options, i);
                const char *word = json_object_is_type(option, json_type_string) ? json_object_get_string(option) : "";

                if (!*word || strpbrk(word, ",:\n"))
                        return refuse(edits, "\"%s\" is no option of a mount", word);
                bound = bound || streq(word, "bind") || streq(word, "rbind");
                text_appendf(text, "%s%s", i > 0 ? "," : "", word);
        }
        if (!bound && !streq_null(json_get_string(mount, "type"), "tmpfs"))
                text_appendf(text, "%srbind", text->length > 0 ? "," : "");
        return text->failed ? -ENOMEM : 0;
}

static int add_mount(const Edits *edits, json_object *item) {
        const char *source = json_get_string(item, "hostPath"), *destination = json_get_string(item, "containerPath"),
                   *type = json_get_string(item, "type");
        _cleanup_free_ char *resolved = NULL;
        _cleanup_text_ Text options = {};
        int r;

        if (!type || !*type || streq(type, "none"))
                type = "bind";
        if (!streq(type, "bind") && !streq(type, "tmpfs"))
                return refuse(edits, "a mount of the type \"%s\" is not supported", type);
        if (!is_plain_path(destination) || (streq(type, "bind") && !is_plain_path(source)))
                return refuse(edits, "a mount must have \"hostPath\" and \"containerPath\", absolute paths without a "
                                     "colon");
        r = join_options(edits, item, &options);
        if (r < 0)
                return r;
        r = root_resolve(edits->root_fd, destination, &resolved);
        if (r < 0)
                return r == -ENOMEM ? r : refuse(edits, "mount destination \"%s\": %s", destination, strerror(-r));
        return string_list_addf(&edits->facts->device_mounts, "%s:%s:%s:%s", type, source ?: "tmpfs", resolved,
                                options.data ?: "");
}

static int read_node_numbers(const Edits *edits, json_object *item, const char *source, FactDevice *device) {
        const char *type = json_get_string(item, "type");
        uint32_t mode = 0;
        struct stat st;
        int has_major = number_of(item, "major", &device->major), has_minor = number_of(item, "minor", &device->minor);

        if (has_major < 0 || has_minor < 0)
                return refuse(edits, "\"major\" and \"minor\" of \"%s\" must be numbers", device->path);
        if (stat(source, &st) >= 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
                device->mode = st.st_mode & 0777;
                device->uid = st.st_uid;
                device->gid = st.st_gid;
                device->type = S_ISBLK(st.st_mode) ? 'b' : 'c';
                if (has_major == 0 || has_minor == 0) {
                        device->major = major(st.st_rdev);
                        device->minor = minor(st.st_rdev);
                }
        } else if (!type || has_major == 0 || has_minor == 0)
                return refuse(edits, "the device \"%s\" is not there", source);
        if (type && !streq(type, "c") && !streq(type, "b") && !streq(type, "u") && *type)
                return refuse(edits, "\"%s\" is no type of a device", type);
        if (type && *type)
                device->type = *type == 'b' ? 'b' : 'c';
        if (number_of(item, "fileMode", &mode) < 0 || number_of(item, "uid", &device->uid) < 0 ||
            number_of(item, "gid", &device->gid) < 0)
                return refuse(edits, "\"fileMode\", \"uid\" and \"gid\" of \"%s\" must be numbers", device->path);
        if (mode != 0)
                device->mode = mode & 0777;
        return 0;
}

static int add_node(const Edits *edits, json_object *item) {
        const char *path = json_get_string(item, "path"), *source = json_get_string(item, "hostPath"),
                   *access = json_get_string(item, "permissions");
        FactDeviceList *devices = &edits->facts->devices;
        FactDevice device = { .mode = 0666 };
        int r;

        if (!is_plain_path(path) || (source && *source && !is_plain_path(source)))
                return refuse(edits, "a device must have \"path\", an absolute path");
        if (!access || !*access)
                access = "rwm";
        if (strlen(access) >= sizeof(device.access) || access[strspn(access, "rwm")])
                return refuse(edits, "\"permissions\" of \"%s\" must be of \"rwm\", not \"%s\"", path, access);
        memcpy(device.access, access, strlen(access) + 1);
        if (!source || !*source)
                source = path;
        device.path = (char *) path;
        r = read_node_numbers(edits, item, source, &device);
        if (r < 0)
                return r;
        if (ARRAY_RESERVE(devices->items, devices->allocated, devices->count + 1) < 0)
                return -ENOMEM;
        device.path = strdup(path);
        device.source = streq(source, path) ? NULL : strdup(source);
        devices->items[devices->count++] = device;
        return device.path && (device.source || streq(source, path)) ? 0 : -ENOMEM;
}

/* As a file of oci-hooks(5) has it. */
static json_object *hook_of(json_object *item, const char *stage) {
        static const char *const members[] = { "path", "args", "env", "timeout" };
        _cleanup_json_ Json json = {};
        json_object *hook, *value;

        json_open_object(&json, NULL);
        json_add_string(&json, "version", "1.0.0");
        json_open_object(&json, "hook");
        for (size_t i = 0; i < ARRAY_SIZE(members); i++)
                if (json_object_object_get_ex(item, members[i], &value) && value)
                        json_add_value(&json, members[i], json_object_get(value));
        json_close(&json);
        json_open_object(&json, "when");
        json_add_bool(&json, "always", true);
        json_close(&json);
        json_add_words(&json, "stages", stage);
        json_close(&json);
        return json_take(&json, &hook) < 0 ? NULL : hook;
}

static int add_hook(const Edits *edits, json_object *item) {
        const char *stage = json_get_string(item, "hookName");
        /* Each has a name of its own among the facts. */
        _cleanup_free_ char *name = text_format("%s (hook %zu)", edits->file, edits->facts->hooks.count + 1);
        _cleanup_json_object_ json_object *hook = NULL;

        if (!stage || strchr(stage, ' '))
                return refuse(edits, "a hook must have \"hookName\"");
        hook = hook_of(item, stage);
        return hook && name ? hooks_add(hook, name, &edits->facts->hooks, edits->diagnostics) : -ENOMEM;
}

static int add_group(const Edits *edits, json_object *item) {
        FactIds *groups = &edits->facts->groups;
        int64_t number = json_object_get_int64(item);

        if (!json_object_is_type(item, json_type_int) || number < 0 || number >= UINT32_MAX)
                return refuse(edits, "\"additionalGids\" must be numbers");
        for (size_t i = 0; i < groups->count; i++)
                if (groups->items[i] == (uint32_t) number)
                        return 0;
        if (ARRAY_RESERVE(groups->items, groups->allocated, groups->count + 1) < 0)
                return -ENOMEM;
        groups->items[groups->count++] = (uint32_t) number;
        return 0;
}

static int add_member(const Edits *edits, const char *name, json_object *value) {
        static const struct {
                const char *name;
                int (*add)(const Edits *edits, json_object *item);
        } members[] = {
                { "env", add_variable },
                { "mounts", add_mount },
                { "deviceNodes", add_node },
                { "hooks", add_hook },
                { "additionalGids", add_group },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                if (!streq(members[i].name, name))
                        continue;
                if (value && !json_object_is_type(value, json_type_array))
                        return refuse(edits, "\"%s\" must be an array", name);
                for (size_t j = 0; value && j < json_object_array_length(value) && r >= 0; j++)
                        r = members[i].add(edits, json_object_array_get_idx(value, j));
                return r;
        }
        return refuse(edits, "\"%s\" in \"containerEdits\" is not supported", name);
}

int cdi_edits_apply(json_object *object, const char *file, const Location *where, int root_fd, Facts *facts,
                    Diagnostics *diagnostics) {
        const Edits edits = { file, where, root_fd, facts, diagnostics };
        int r;

        if (!object)
                return 0;
        if (!json_object_is_type(object, json_type_object))
                return refuse(&edits, "\"containerEdits\" must be an object");
        json_object_object_foreach(object, name, value) {
                r = add_member(&edits, name, value);
                if (r < 0)
                        return r;
        }
        return 0;
}
