/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The config.json of a bundle, after it was written. */
#include "start/bundle-config.h"

#include <errno.h>

#include "basic/files.h"
#include "oci/oci-spec.h"

#define CONFIG_FILE "config.json"

enum { CONFIG_MAX = 16 << 20 };

int bundle_config_read(const Bundle *bundle, json_object **ret) {
        return json_read_file_at(bundle->fd, CONFIG_FILE, CONFIG_MAX, json_type_object, ret);
}

int bundle_config_write(const Bundle *bundle, json_object *config) {
        _cleanup_free_ char *text = oci_spec_to_text(config, false);

        return text ? write_file_atomic_at(bundle->fd, CONFIG_FILE, text, strlen(text), 0600) : -ENOMEM;
}

/* Nearly always there are none at all, and a look at the text is enough to know. */
int bundle_config_has_poststart(const Bundle *bundle) {
        _cleanup_json_object_ json_object *config = NULL;
        _cleanup_free_ char *text = NULL;
        json_object *poststart;
        size_t size;
        int r;

        r = read_file_at(bundle->fd, CONFIG_FILE, CONFIG_MAX, &text, &size);
        if (r < 0)
                return r;
        if (!memmem(text, size, "poststart", strlen("poststart")))
                return 0;
        r = bundle_config_read(bundle, &config);
        if (r < 0)
                return r;
        poststart = json_get_member(json_object_object_get(config, "hooks"), "poststart", json_type_array);
        return poststart && json_object_array_length(poststart) > 0;
}

int bundle_config_has_root_below(const Bundle *bundle, const char *directory) {
        _cleanup_json_object_ json_object *config = NULL;
        const char *path, *rest;
        int r;

        r = bundle_config_read(bundle, &config);
        if (r < 0)
                return r;
        path = json_get_string(json_object_object_get(config, "root"), "path");
        rest = path ? startswith(path, directory) : NULL;
        return rest && *rest == '/';
}

/* The one that every container has is of the sockets' owners alone. */
int bundle_config_may_mind_network(const Bundle *bundle) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = read_file_at(bundle->fd, CONFIG_FILE, CONFIG_MAX, &text, &size);

        if (r < 0)
                return r;
        if (strstr(text, "\"hooks\"") || strstr(text, "\"net/"))
                return 1;
        for (const char *at = text; (at = strstr(at, "\"net.")); at++)
                if (!startswith(at, "\"net.ipv4.ping_group_range\""))
                        return 1;
        return 0;
}

/* What the image or the file says of such variables cannot be true. */
static int copy_other_variables(json_object *from, const char *prefix, json_object *to) {
        for (size_t i = 0; from && i < json_object_array_length(from); i++) {
                json_object *item = json_object_array_get_idx(from, i);
                const char *text = json_object_get_string(item);

                if (text && startswith(text, prefix))
                        continue;
                if (json_object_array_add(to, json_object_get(item)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int append_variable(json_object *array, char *assignment) {
        _cleanup_free_ char *text = assignment;
        json_object *item = text ? json_object_new_string(text) : NULL;

        return item && json_object_array_add(array, item) >= 0 ? 0 : -ENOMEM;
}

static char *format_names(const StringList *names, size_t count) {
        _cleanup_text_ Text text = {};
        char *result = NULL;

        text_append(&text, "LISTEN_FDNAMES=");
        for (size_t i = 0; i < count; i++)
                text_appendf(&text, "%s%s", i > 0 ? ":" : "", names->items[i]);
        return text_take(&text, &result) < 0 ? NULL : result;
}

/* `ret_process` is a part of the configuration. */
static int read_with_process(const Bundle *bundle, json_object **ret_config, json_object **ret_process) {
        _cleanup_json_object_ json_object *config = NULL;
        json_object *process;
        int r;

        r = bundle_config_read(bundle, &config);
        if (r < 0)
                return r;
        process = json_get_member(config, "process", json_type_object);
        if (!process)
                return -EBADMSG;
        *ret_config = TAKE_PTR(config);
        *ret_process = process;
        return 0;
}

/* Reads the configuration, and takes all variables with another prefix into a new list. */
static int begin_variables(const Bundle *bundle, const char *prefix, json_object **ret_config, json_object **ret) {
        _cleanup_json_object_ json_object *config = NULL, *array = json_object_new_array();
        json_object *process, *old = NULL;
        int r;

        r = read_with_process(bundle, &config, &process);
        if (r < 0)
                return r;
        if (json_object_object_get_ex(process, "env", &old) && !json_object_is_type(old, json_type_array))
                return -EBADMSG;
        r = array ? copy_other_variables(old, prefix, array) : -ENOMEM;
        if (r < 0)
                return r;
        *ret_config = TAKE_PTR(config);
        *ret = TAKE_PTR(array);
        return 0;
}

/* Takes over `array`. */
static int end_variables(const Bundle *bundle, json_object *config, json_object *array) {
        json_object *process = json_object_object_get(config, "process");

        if (json_object_object_add(process, "env", array) < 0) {
                json_object_put(array);
                return -ENOMEM;
        }
        return bundle_config_write(bundle, config);
}

int bundle_config_set_variable(const Bundle *bundle, const char *name, const char *value) {
        _cleanup_json_object_ json_object *config = NULL, *array = NULL;
        _cleanup_free_ char *prefix = text_format("%s=", name);
        int r;

        r = prefix ? begin_variables(bundle, prefix, &config, &array) : -ENOMEM;
        if (r >= 0)
                r = append_variable(array, text_format("%s%s", prefix, value));
        return r < 0 ? r : end_variables(bundle, config, TAKE_PTR(array));
}

int bundle_config_set_terminal(const Bundle *bundle) {
        _cleanup_json_object_ json_object *config = NULL;
        json_object *process, *value;
        int r;

        r = read_with_process(bundle, &config, &process);
        if (r < 0)
                return r;
        value = json_object_new_boolean(true);
        if (!value || json_object_object_add(process, "terminal", value) < 0)
                return json_object_put(value), -ENOMEM;
        return bundle_config_write(bundle, config);
}

int bundle_config_add_sockets(const Bundle *bundle, const StringList *names, size_t count) {
        _cleanup_json_object_ json_object *config = NULL, *array = NULL;
        int r;

        r = begin_variables(bundle, "LISTEN_", &config, &array);
        if (r >= 0)
                r = append_variable(array, text_format("LISTEN_FDS=%zu", count));
        /* It is the first process of its PID namespace. */
        if (r >= 0)
                r = append_variable(array, strdup("LISTEN_PID=1"));
        if (r >= 0)
                r = append_variable(array, format_names(names, count));
        return r < 0 ? r : end_variables(bundle, config, TAKE_PTR(array));
}

/* It is absolute for those that we make. */
static int get_control_group(json_object *config, char **ret) {
        const char *path = json_get_string(json_object_object_get(config, "linux"), "cgroupsPath");

        if (!path || path[0] != '/')
                return -EBADMSG;
        *ret = strdup(path);
        return *ret ? 0 : -ENOMEM;
}

int bundle_config_write_process(const Bundle *bundle, const StringList *command, const char *file,
                                char **ret_control_group) {
        _cleanup_json_object_ json_object *config = NULL;
        _cleanup_free_ char *out = NULL;
        json_object *process, *arguments;
        int r;

        r = read_with_process(bundle, &config, &process);
        if (r < 0)
                return r;
        arguments = json_from_strings(command);
        if (!arguments)
                return -ENOMEM;
        if (json_object_object_add(process, "args", arguments) < 0) {
                json_object_put(arguments);
                return -ENOMEM;
        }
        r = json_to_text(process, &out);
        if (r >= 0)
                r = write_file_atomic_at(bundle->fd, file, out, strlen(out), 0600);
        return r < 0 || !ret_control_group ? r : get_control_group(config, ret_control_group);
}

int bundle_config_get_process(const Bundle *bundle, json_object **ret, char **ret_control_group) {
        _cleanup_json_object_ json_object *config = NULL;
        json_object *process;
        int r;

        r = read_with_process(bundle, &config, &process);
        if (r < 0)
                return r;
        r = get_control_group(config, ret_control_group);
        if (r == -EBADMSG)
                *ret_control_group = NULL;
        else if (r < 0)
                return r;
        *ret = json_object_get(process);
        return 0;
}
