/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "health/health-file.h"

#include <errno.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/safe-path.h"
#include "basic/text.h"

/* More than 100 results of 4096 bytes, each written as "\\xHH". */
enum { FILE_MAX = 8 << 20 };

static void add_result(Json *json, const HealthResult *result) {
        json_open_object(json, NULL);
        json_add_string(json, "Start", result->start);
        json_add_string(json, "End", result->end);
        json_add_integer(json, "ExitCode", result->exit_code);
        json_add_string(json, "Output", result->output);
        json_close(json);
}

static int state_to_text(const HealthState *state, char **ret) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "Status", health_status_name(state->status));
        json_add_unsigned(&json, "FailingStreak", state->failing_streak);
        if (state->startup_passed)
                json_add_bool(&json, "StartupPassed", true);
        json_open_array(&json, "Log");
        for (size_t i = 0; i < state->count; i++)
                add_result(&json, &state->results[i]);
        json_close(&json);
        json_close(&json);
        r = json_take(&json, &object);
        return r < 0 ? r : json_to_text(object, ret);
}

/* It may be a user's, who can then have the file replaced, and nothing else: what is written is by
 * descriptor, and new. */
int health_file_log(const char *directory, const char *stem, const HealthState *state) {
        _cleanup_safe_path_ SafePath path = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL, *text = NULL, *name = text_format("%s-healthcheck.log", stem);
        struct stat st;
        int r;

        if (!name)
                return -ENOMEM;
        r = safe_path_open(directory, &path, &link);
        if (r < 0)
                return r;
        if (fstat(path.fd, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        r = state_to_text(state, &text);
        return r < 0 ? r : write_file_atomic_at(path.fd, name, text, strlen(text), 0600);
}

int health_file_write(const Bundle *bundle, const HealthState *state) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = state_to_text(state, &text);
        return r < 0 ? r : write_file_atomic_at(bundle->fd, HEALTH_FILE, text, strlen(text), 0600);
}

static char *get_text(json_object *object, const char *name) {
        return strdup(json_object_get_string(json_object_object_get(object, name)) ?: "");
}

static int read_result(json_object *object, HealthState *state) {
        _cleanup_health_result_ HealthResult result = {
                .start = get_text(object, "Start"),
                .end = get_text(object, "End"),
                .output = get_text(object, "Output"),
        };
        json_object *value;

        if (!result.start || !result.end || !result.output)
                return -ENOMEM;
        if (!json_object_object_get_ex(object, "ExitCode", &value))
                return -EBADMSG;
        result.exit_code = json_object_get_int(value);
        return health_state_keep(state, &result, UINT64_MAX);
}

static int read_status(json_object *object, HealthStatus *ret) {
        json_object *value;

        if (!json_object_object_get_ex(object, "Status", &value))
                return -EBADMSG;
        for (HealthStatus i = 0; i < _HEALTH_STATUS_COUNT; i++)
                if (streq(json_object_get_string(value) ?: "", health_status_name(i))) {
                        *ret = i;
                        return 0;
                }
        return -EBADMSG;
}

static int read_state(json_object *object, HealthState *state) {
        json_object *value;
        int r = read_status(object, &state->status);

        if (r >= 0 && json_object_object_get_ex(object, "FailingStreak", &value))
                state->failing_streak = json_object_get_uint64(value);
        if (r >= 0 && json_object_object_get_ex(object, "StartupPassed", &value))
                state->startup_passed = json_object_get_boolean(value);
        if (r < 0 || !json_object_object_get_ex(object, "Log", &value) || !json_object_is_type(value, json_type_array))
                return r < 0 ? r : -EBADMSG;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(value); i++)
                r = read_result(json_object_array_get_idx(value, i), state);
        return r;
}

int health_file_read(const Bundle *bundle, HealthState *ret) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_health_state_ HealthState state = {};
        int r = json_read_file_at(bundle->fd, HEALTH_FILE, FILE_MAX, json_type_object, &object);

        if (r == -ENOENT) {
                *ret = state;
                return 0;
        }
        if (r >= 0)
                r = read_state(object, &state);
        if (r < 0)
                return r;
        *ret = state;
        state = (HealthState) {};
        return 0;
}
