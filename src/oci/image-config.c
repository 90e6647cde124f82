/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an image says of the containers that run it. The rules of what overrides what are podman's
 * (podman-run(1): IMAGE, --entrypoint, --env, --label). */
#include "oci/image-config.h"

#include <errno.h>

#include "basic/json.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/text.h"

typedef struct Reader {
        const Location *where;
        Diagnostics *diagnostics;
        ImageConfig *config;
} Reader;

static int refuse(const Reader *reader, const char *name, const char *kind) {
        return diagnose_error(reader->diagnostics, reader->where,
                              "the image's configuration is broken: \"%s\" is not %s", name, kind);
}

/* "" is as good as none. */
static int read_string(const Reader *reader, json_object *value, const char *name, char **field) {
        const char *text = json_string_without_nul(value);

        if (!text)
                return refuse(reader, name, "a string");
        if (!*text)
                return 0;
        *field = strdup(text);
        return *field ? 0 : -ENOMEM;
}

/* A program could not be started with more; see execve(2). */
static int read_strings(const Reader *reader, json_object *value, const char *name, StringList *list) {
        size_t bytes = 0;

        if (!json_object_is_type(value, json_type_array))
                return refuse(reader, name, "an array of strings");
        for (size_t i = 0; i < json_object_array_length(value); i++) {
                const char *text = json_string_without_nul(json_object_array_get_idx(value, i));

                if (!text)
                        return refuse(reader, name, "an array of strings");
                bytes += strlen(text) + 1;
                if (bytes > IMAGE_ARGUMENTS_MAX)
                        return refuse(reader, name, "at most 1 MiB of text");
                if (string_list_add(list, text) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* A name without a value has an empty one. */
static int read_environment(const Reader *reader, json_object *value, const char *name) {
        _cleanup_string_list_ StringList list = {}, assignments = {};
        int r = read_strings(reader, value, name, &list);

        for (size_t i = 0; r >= 0 && i < list.count; i++) {
                if (list.items[i][0] == '=' || !list.items[i][0])
                        return refuse(reader, name, "an array of NAME=VALUE");
                r = string_list_addf(&assignments, "%s%s", list.items[i], strchr(list.items[i], '=') ? "" : "=");
        }
        return r < 0 ? r : string_list_assign_all(&reader->config->environment, &assignments);
}

static int read_entrypoint(const Reader *reader, json_object *value, const char *name) {
        return read_strings(reader, value, name, &reader->config->entrypoint);
}

static int read_command(const Reader *reader, json_object *value, const char *name) {
        return read_strings(reader, value, name, &reader->config->command);
}

static int read_user(const Reader *reader, json_object *value, const char *name) {
        return read_string(reader, value, name, &reader->config->user);
}

/* Absolute by the specification; a relative one starts at the root. */
static int read_path(const Reader *reader, const char *text, const char *name, char **ret) {
        _cleanup_free_ char *absolute = text_format("/%s", text);
        int r = absolute ? path_normalize(absolute, ret) : -ENOMEM;

        return r < 0 && r != -ENOMEM ? refuse(reader, name, "made of paths without \"..\"") : r;
}

static int read_working_dir(const Reader *reader, json_object *value, const char *name) {
        _cleanup_free_ char *text = NULL;
        int r = read_string(reader, value, name, &text);

        return r < 0 || !text ? r : read_path(reader, text, name, &reader->config->working_dir);
}

static int read_stop_signal(const Reader *reader, json_object *value, const char *name) {
        _cleanup_free_ char *text = NULL;
        int r = read_string(reader, value, name, &text);

        if (r < 0 || !text)
                return r;
        return text_to_signal(text, &reader->config->stop_signal) < 0 ? refuse(reader, name, "a signal") : 0;
}

static int read_labels(const Reader *reader, json_object *value, const char *name) {
        if (!json_object_is_type(value, json_type_object))
                return refuse(reader, name, "an object of strings");
        json_object_object_foreach(value, label, item) {
                const char *text = json_string_without_nul(item);

                if (!text || !*label || strchr(label, '='))
                        return refuse(reader, name, "an object of strings");
                if (string_list_addf(&reader->config->labels, "%s=%s", label, text) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int read_volume(const Reader *reader, const char *path, const char *name) {
        StringList *volumes = &reader->config->volumes;
        _cleanup_free_ char *normalized = NULL;
        int r;

        r = read_path(reader, path, name, &normalized);
        if (r < 0)
                return r;
        if (streq(normalized, "/"))
                return refuse(reader, name, "made of paths below \"/\"");
        if (image_volume_is_refused(normalized))
                return refuse(reader, name, "made of paths outside of /proc, /sys and /dev");
        if (volumes->count >= IMAGE_VOLUMES_MAX)
                return refuse(reader, name, "a list of at most 1000 paths");
        return string_list_add(volumes, normalized);
}

bool image_volume_is_refused(const char *path) {
        static const char *const kernels[] = { "/proc", "/sys", "/dev" };

        for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
                if (path_is_below(path, kernels[i]))
                        return true;
        return false;
}

static int read_volumes(const Reader *reader, json_object *value, const char *name) {
        if (!json_object_is_type(value, json_type_object))
                return refuse(reader, name, "an object");
        json_object_object_foreach(value, path, unused) {
                int r = read_volume(reader, path, name);

                (void) unused;
                if (r < 0)
                        return r;
        }
        string_list_unique(&reader->config->volumes);
        return 0;
}

/* "80", "80/tcp", "8000-8010/udp" */
static bool is_port(const char *text) {
        size_t n = strspn(text, "0123456789");

        if (n > 0 && text[n] == '-') {
                size_t last = strspn(text + n + 1, "0123456789");

                n = last > 0 ? n + 1 + last : 0;
        }
        return n > 0 && (!text[n] || streq(text + n, "/tcp") || streq(text + n, "/udp") || streq(text + n, "/sctp"));
}

static int read_exposed_ports(const Reader *reader, json_object *value, const char *name) {
        if (!json_object_is_type(value, json_type_object))
                return refuse(reader, name, "an object");
        json_object_object_foreach(value, port, unused) {
                (void) unused;
                if (!is_port(port))
                        return refuse(reader, name, "made of ports");
                if (string_list_add(&reader->config->exposed_ports, port) < 0)
                        return -ENOMEM;
        }
        string_list_sort(&reader->config->exposed_ports);
        return 0;
}

/* JSON has it in nanoseconds, or plain with a `unit` of 1. */
static int read_number(const Reader *reader, json_object *object, const char *name, uint64_t unit, uint64_t *field) {
        json_object *value = json_object_object_get(object, name);
        int64_t number;

        if (!value)
                return 0;
        number = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
        if (number < 0)
                return refuse(reader, name, "a number, 0 or greater");
        *field = (uint64_t) number / unit;
        if (number > 0 && *field == 0)
                *field = 1;
        return 0;
}

static int read_test(const Reader *reader, json_object *value, StringList *test) {
        int r = read_strings(reader, value, "Test", test);

        if (r < 0 || test->count == 0)
                return r;
        /* [""] is how Docker writes that nothing is said. */
        if (test->count == 1 && !*test->items[0])
                string_list_done(test);
        else if (streq(test->items[0], "CMD-SHELL") ? test->count != 2
                 : streq(test->items[0], "CMD")     ? test->count < 2
                                                    : !streq(test->items[0], "NONE"))
                return refuse(reader, "Test", "NONE, or CMD or CMD-SHELL with a command");
        return 0;
}

static int read_healthcheck(const Reader *reader, json_object *value, const char *name) {
        ImageHealth *health = &reader->config->health;
        json_object *test = json_object_object_get(value, "Test");
        int r = 0;

        if (!json_object_is_type(value, json_type_object))
                return refuse(reader, name, "an object");
        if (test)
                r = read_test(reader, test, &health->test);
        if (r < 0 || (r = read_number(reader, value, "Interval", 1000, &health->interval_usec)) < 0 ||
            (r = read_number(reader, value, "Timeout", 1000, &health->timeout_usec)) < 0 ||
            (r = read_number(reader, value, "StartPeriod", 1000, &health->start_period_usec)) < 0)
                return r;
        r = read_number(reader, value, "Retries", 1, &health->retries);
        if (r >= 0 && health->test.count == 0)
                *health = (ImageHealth) {};
        return r;
}

int image_config_read(json_object *config, const Location *where, Diagnostics *diagnostics, ImageConfig *ret) {
        static const struct {
                const char *name;
                int (*read)(const Reader *reader, json_object *value, const char *name);
        } members[] = {
                { "Env", read_environment }, { "Entrypoint", read_entrypoint },  { "Cmd", read_command },
                { "User", read_user },       { "WorkingDir", read_working_dir }, { "StopSignal", read_stop_signal },
                { "Labels", read_labels },   { "Volumes", read_volumes },        { "ExposedPorts", read_exposed_ports },
                { "Healthcheck", read_healthcheck },
        };
        _cleanup_image_config_ ImageConfig read = {};
        const Reader reader = { where, diagnostics, &read };

        if (config && !json_object_is_type(config, json_type_object))
                return refuse(&reader, "config", "an object");
        for (size_t i = 0; config && i < ARRAY_SIZE(members); i++) {
                json_object *value = json_object_object_get(config, members[i].name);
                int r;

                /* Docker writes null for what is not set. */
                if (!value)
                        continue;
                r = members[i].read(&reader, value, members[i].name);
                if (r < 0)
                        return r;
        }
        *ret = read;
        read = (ImageConfig) {};
        return 0;
}

/* An object with an empty one for each of the list. */
static void write_set(Json *json, const char *key, const StringList *list) {
        json_open_object(json, key);
        for (size_t i = 0; i < list->count; i++) {
                json_open_object(json, list->items[i]);
                json_close(json);
        }
        json_close(json);
}

/* The C library keeps some for itself, which have a number only. */
static void write_stop_signal(Json *json, int number) {
        _cleanup_free_ char *name = signal_name(number) ?: text_format("%d", number);

        if (name)
                json_add_string(json, "StopSignal", name);
        else
                json->failed = true;
}

static void write_health(Json *json, const ImageHealth *health) {
        if (health->test.count == 0)
                return;
        json_open_object(json, "Healthcheck");
        json_add_strings(json, "Test", &health->test);
        json_add_unsigned(json, "Interval", health->interval_usec * 1000);
        json_add_unsigned(json, "Timeout", health->timeout_usec * 1000);
        json_add_unsigned(json, "StartPeriod", health->start_period_usec * 1000);
        json_add_unsigned(json, "Retries", health->retries);
        json_close(json);
}

int image_config_write(const ImageConfig *config, json_object **ret) {
        _cleanup_json_ Json json = {};

        json_open_object(&json, NULL);
        json_add_strings(&json, "Env", &config->environment);
        json_add_strings(&json, "Entrypoint", &config->entrypoint);
        json_add_strings(&json, "Cmd", &config->command);
        if (config->user)
                json_add_string(&json, "User", config->user);
        if (config->working_dir)
                json_add_string(&json, "WorkingDir", config->working_dir);
        if (config->stop_signal)
                write_stop_signal(&json, config->stop_signal);
        json_add_assignments(&json, "Labels", &config->labels);
        write_set(&json, "Volumes", &config->volumes);
        write_set(&json, "ExposedPorts", &config->exposed_ports);
        write_health(&json, &config->health);
        json_close(&json);
        return json_take(&json, ret);
}

static int default_to(char **field, const char *value) {
        if (*field || !value)
                return 0;
        *field = strdup(value);
        return *field ? 0 : -ENOMEM;
}

/* The image's arguments are for the image's entry point: the file's own one gets none of them. [""]
 * is how no entry point is written. */
static int apply_command(const ImageConfig *config, Container *container) {
        bool own = container->entrypoint.count > 0;
        int r = 0;

        if (!container->set.entry[KEY_Container_Entrypoint])
                r = string_list_extend(&container->entrypoint, &config->entrypoint);
        if (r >= 0 && container->exec.count == 0 && !own)
                r = string_list_extend(&container->exec, &config->command);
        if (container->entrypoint.count == 1 && !*container->entrypoint.items[0])
                string_list_done(&container->entrypoint);
        return r;
}

/* The image's first, in one list with the file's, which win. */
static int apply_assignments(const StringList *base, StringList *field) {
        _cleanup_string_list_ StringList all = {};
        int r;

        r = string_list_extend(&all, base);
        if (r >= 0)
                r = string_list_assign_all(&all, field);
        if (r < 0)
                return r;
        string_list_done(field);
        *field = all;
        all = (StringList) {};
        return 0;
}

/* With a HealthCmd= the check is the file's alone, as with podman; without one, each of the other
 * keys wins over what the image says. */
static int apply_health(const ImageHealth *health, Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Notify);
        bool has_check = health->test.count > 1 && container->cgroups_mode != CGROUPS_DISABLED &&
                         !container_is_oneshot(container);
        int r;

        if (container->set.entry[KEY_Container_HealthCmd])
                return 0;
        if (!has_check)
                return container->notify != NOTIFY_HEALTHY
                               ? 0
                               : diagnose_error(diagnostics, &where,
                                                "Notify=healthy needs a health check: the image has none, so set "
                                                "\"HealthCmd\"");
        r = string_list_extend(&container->health_command, &health->test);
        container->image_health.is_used = true;
        container->image_health.interval_usec = health->interval_usec;
        container->image_health.timeout_usec = health->timeout_usec;
        container->image_health.start_period_usec = health->start_period_usec;
        container->image_health.retries = health->retries;
        return r;
}

int image_config_apply(const ImageConfig *config, Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        int r;

        if ((r = apply_command(config, container)) < 0 ||
            (r = default_to(&container->user, config->user)) < 0 ||
            (r = default_to(&container->working_dir, config->working_dir)) < 0 ||
            (r = apply_assignments(&config->labels, &container->labels)) < 0 ||
            (r = string_list_extend(&container->image_environment, &config->environment)) < 0 ||
            (container->image_volume != IMAGE_VOLUMES_IGNORE &&
             (r = string_list_extend(&container->image_volumes, &config->volumes)) < 0) ||
            (r = string_list_extend(&container->image_ports, &config->exposed_ports)) < 0 ||
            (r = apply_health(&config->health, container, diagnostics)) < 0)
                return r;
        if (container->stop_signal == 0)
                container->stop_signal = config->stop_signal;
        if (container->entrypoint.count + container->exec.count == 0)
                return diagnose_error(diagnostics, &where,
                                      "there is no command: the image has neither Entrypoint nor Cmd, so set \"Exec\" "
                                      "or \"Entrypoint\"");
        if (container->run_init && container_runs_systemd(container)) {
                where = container_where(container, KEY_Container_RunInit);
                return diagnose_error(
                                diagnostics, &where,
                                "\"RunInit\" and systemd, which the image runs, cannot both be the first process");
        }
        return 0;
}

void image_config_done(ImageConfig *config) {
        string_list_done(&config->environment);
        string_list_done(&config->entrypoint);
        string_list_done(&config->command);
        string_list_done(&config->labels);
        string_list_done(&config->volumes);
        string_list_done(&config->exposed_ports);
        string_list_done(&config->health.test);
        config->user = x_free(config->user);
        config->working_dir = x_free(config->working_dir);
}
