/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "health/health-check.h"

#include "basic/files.h"
#include "basic/json.h"
#include "kind/container/container-health.h"

#define CHECK_FILE "health-check.json"
#define USEC_PER_SEC UINT64_C(1000000)

/* What is kept of results is what a container's processes have said. */
enum { LOG_COUNT_MAX = 100, LOG_SIZE_MAX = 4096, FILE_MAX = 4 << 20 };

static const struct {
        const char *name;
        size_t offset;
} numbers[] = {
        { "intervalUsec", offsetof(HealthCheck, interval_usec) },
        { "timeoutUsec", offsetof(HealthCheck, timeout_usec) },
        { "retries", offsetof(HealthCheck, retries) },
        { "startPeriodUsec", offsetof(HealthCheck, start_period_usec) },
        { "startupTimeoutUsec", offsetof(HealthCheck, startup_timeout_usec) },
        { "startupIntervalUsec", offsetof(HealthCheck, startup_interval_usec) },
        { "startupRetries", offsetof(HealthCheck, startup_retries) },
        { "startupSuccess", offsetof(HealthCheck, startup_success) },
        { "onFailure", offsetof(HealthCheck, on_failure) },
        { "logCount", offsetof(HealthCheck, log_count) },
        { "logSize", offsetof(HealthCheck, log_size) },
        { "toJournal", offsetof(HealthCheck, to_journal) },
        { "startedUsec", offsetof(HealthCheck, started_usec) },
};

static uint64_t *number_of(const HealthCheck *check, size_t i) {
        return (void *) ((char *) check + numbers[i].offset);
}

/* The form of an image's Healthcheck, as the file's value has been brought into it. */
static int take_command(const StringList *test, StringList *ret) {
        int r = 0;

        if (test->count > 1 && streq(test->items[0], "CMD-SHELL")) {
                r = string_list_add(ret, "/bin/sh");
                if (r >= 0)
                        r = string_list_add(ret, "-c");
        }
        for (size_t i = 1; r >= 0 && i < test->count; i++)
                r = string_list_add(ret, test->items[i]);
        return r;
}

static uint64_t number_or(const Container *container, KeyId key, uint64_t value, uint64_t otherwise) {
        return container->set.entry[key] ? value : otherwise;
}

/* The file's word, the image's, or podman's. */
static uint64_t number_of_three(const Container *container, KeyId key, uint64_t value, uint64_t image,
                                uint64_t otherwise) {
        return number_or(container, key, value, image > 0 ? image : otherwise);
}

/* 0 stands for all of them, and there is an end of that. */
static uint64_t bound(uint64_t number, uint64_t most) {
        return number == 0 || number > most ? most : number;
}

int health_check_make(const Container *container, uint64_t started_usec, HealthCheck *ret) {
        const Container *c = container;
        _cleanup_health_check_ HealthCheck check = {
                .interval_usec = container_health_interval(c),
                .timeout_usec = number_of_three(c, KEY_Container_HealthTimeout, c->health_timeout_usec,
                                                c->image_health.timeout_usec, HEALTH_SECONDS * USEC_PER_SEC),
                .retries = number_of_three(c, KEY_Container_HealthRetries, c->health_retries, c->image_health.retries,
                                           HEALTH_RETRIES),
                .start_period_usec = number_or(c, KEY_Container_HealthStartPeriod, c->health_start_period_usec,
                                               c->image_health.start_period_usec),
                .startup_timeout_usec = number_or(c, KEY_Container_HealthStartupTimeout, c->health_startup_timeout_usec,
                                                  HEALTH_SECONDS * USEC_PER_SEC),
                .startup_interval_usec = number_or(c, KEY_Container_HealthStartupInterval,
                                                   c->health_startup_interval_usec, HEALTH_SECONDS * USEC_PER_SEC),
                .startup_retries = c->health_startup_retries,
                .startup_success = c->health_startup_success,
                .on_failure = c->health_on_failure,
                .log_count = bound(number_or(c, KEY_Container_HealthMaxLogCount, c->health_max_log_count,
                                             HEALTH_LOG_COUNT), LOG_COUNT_MAX),
                .log_size = bound(number_or(c, KEY_Container_HealthMaxLogSize, c->health_max_log_size,
                                            HEALTH_LOG_SIZE), LOG_SIZE_MAX),
                .to_journal = streq_null(c->health_log_destination, "events_logger"),
                .started_usec = started_usec,
        };
        int r;

        if (!container_has_health(c))
                return 0;
        if (c->health_log_destination && c->health_log_destination[0] == '/') {
                check.log_directory = strdup(c->health_log_destination);
                if (!check.log_directory)
                        return -ENOMEM;
        }
        r = take_command(&c->health_command, &check.command);
        if (r >= 0)
                r = take_command(&c->health_startup_command, &check.startup_command);
        if (r < 0)
                return r;
        *ret = check;
        check = (HealthCheck) {};
        return 1;
}

int health_check_write(const Bundle *bundle, const HealthCheck *check) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_free_ char *text = NULL;
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_strings(&json, "command", &check->command);
        json_add_strings(&json, "startupCommand", &check->startup_command);
        if (check->log_directory)
                json_add_string(&json, "logDirectory", check->log_directory);
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                json_add_unsigned(&json, numbers[i].name, *number_of(check, i));
        json_close(&json);
        r = json_take(&json, &object);
        if (r >= 0)
                r = json_to_text(object, &text);
        return r < 0 ? r : write_file_atomic_at(bundle->fd, CHECK_FILE, text, strlen(text), 0600);
}

static int read_check(json_object *object, HealthCheck *check) {
        json_object *value;
        int r;

        r = json_get_strings(object, "command", &check->command);
        if (r >= 0)
                r = json_get_strings(object, "startupCommand", &check->startup_command);
        if (r == -ENOENT)
                return -EBADMSG;
        if (r >= 0 && json_object_object_get_ex(object, "logDirectory", &value)) {
                check->log_directory = strdup(json_object_get_string(value) ?: "");
                r = check->log_directory ? 0 : -ENOMEM;
        }
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(numbers); i++)
                if (json_object_object_get_ex(object, numbers[i].name, &value))
                        *number_of(check, i) = json_object_get_uint64(value);
                else
                        r = -EBADMSG;
        return r < 0 ? r : check->command.count > 0 ? 0 : -EBADMSG;
}

int health_check_read(const Bundle *bundle, HealthCheck *ret) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_health_check_ HealthCheck check = {};
        int r;

        if (bundle->fd < 0)
                return -ENOENT;
        r = json_read_file_at(bundle->fd, CHECK_FILE, FILE_MAX, json_type_object, &object);
        if (r >= 0)
                r = read_check(object, &check);
        if (r < 0)
                return r;
        *ret = check;
        check = (HealthCheck) {};
        return 0;
}

void health_check_done(HealthCheck *check) {
        string_list_done(&check->command);
        string_list_done(&check->startup_command);
        check->log_directory = x_free(check->log_directory);
}
