/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd knows about a unit. */
#include "host/unit/unit.h"

#include <assert.h>
#include <errno.h>

#include "host/bus/unit-bus.h"

/* What is asked about a unit: those of the answers that are not NULL. */
typedef struct Question {
        const char *unit_name;
        char **control_group, **slice, **type, **result, **sub_state;
        int *delegate;
        bool *stop_command;
        uint32_t *main_pid;
        int32_t *kill_signal;
        uint64_t *stop_timeout_usec;
        UnitOutput *output;
        StringList *drop_ins;
} Question;

enum { PROPERTY_COUNT = 17 };

static void list_properties(const Question *question, UnitProperty ret[PROPERTY_COUNT]) {
        UnitOutput *output = question->output;
        const UnitProperty properties[] = {
                { "Service", "ControlGroup", "s", question->control_group },
                { "Service", "Slice", "s", question->slice },
                { "Service", "Type", "s", question->type },
                { "Service", "Result", "s", question->result },
                { "Unit", "SubState", "s", question->sub_state },
                { "Service", "Delegate", "b", question->delegate },
                { "Service", "ExecStop", "a(sasbttttuii)", question->stop_command },
                { "Service", "MainPID", "u", question->main_pid },
                { "Service", "KillSignal", "i", question->kill_signal },
                { "Service", "TimeoutStopUSec", "t", question->stop_timeout_usec },
                { "Service", "StandardOutput", "s", output ? &output->standard_output : NULL },
                { "Service", "StandardError", "s", output ? &output->standard_error : NULL },
                { "Service", "SyslogIdentifier", "s", output ? &output->identifier : NULL },
                { "Service", "LogNamespace", "s", output ? &output->journal_namespace : NULL },
                { "Service", "SyslogPriority", "i", output ? &output->priority : NULL },
                { "Service", "SyslogLevelPrefix", "b", output ? &output->level_prefix : NULL },
                { "Unit", "DropInPaths", "as", question->drop_ins },
        };

        static_assert(ARRAY_SIZE(properties) == PROPERTY_COUNT, "all are asked for");
        memcpy(ret, properties, sizeof(properties));
}

static int ask(const Question *question) {
        UnitProperty properties[PROPERTY_COUNT];

        list_properties(question, properties);
        return unit_bus_get(question->unit_name, properties, PROPERTY_COUNT);
}

/* "container@web@one.service" */
static bool is_of_template(const char *unit_name) {
        const char *at = strchr(unit_name, '@');

        return at && strchr(at + 1, '@');
}

/* Of a start. */
static Question question_of_start(const char *unit_name, UnitProperties *properties, int *delegate,
                                  int32_t *kill_signal) {
        return (Question) {
                .control_group = &properties->control_group,
                .slice = &properties->slice,
                .type = &properties->type,
                .delegate = delegate,
                .kill_signal = kill_signal,
                .stop_command = &properties->stop_command,
                .output = &properties->output,
                .drop_ins = is_of_template(unit_name) ? &properties->drop_ins : NULL,
        };
}

int unit_properties_ask(const char *unit_name) {
        _cleanup_unit_properties_ UnitProperties unit = {};
        int32_t kill_signal;
        int delegate;
        const Question question = question_of_start(unit_name, &unit, &delegate, &kill_signal);
        UnitProperty properties[PROPERTY_COUNT];

        list_properties(&question, properties);
        return unit_bus_ask(unit_name, properties, PROPERTY_COUNT);
}

int unit_properties_take(int asked_fd, const char *unit_name, UnitProperties *ret) {
        _cleanup_unit_properties_ UnitProperties unit = {};
        int32_t kill_signal = 0;
        int delegate = 0, r;
        const Question question = question_of_start(unit_name, &unit, &delegate, &kill_signal);
        UnitProperty properties[PROPERTY_COUNT];

        list_properties(&question, properties);
        r = unit_bus_take(asked_fd, unit_name, properties, PROPERTY_COUNT);
        if (r < 0)
                return r;
        unit.delegate = delegate;
        unit.kill_signal = kill_signal;
        *ret = unit;
        unit = (UnitProperties) {};
        return 0;
}

int unit_get_main_process(const char *unit_name, pid_t *ret_pid, char **ret_control_group) {
        _cleanup_free_ char *control_group = NULL;
        uint32_t pid = 0;
        Question question = {
                .unit_name = unit_name,
                .main_pid = &pid,
                .control_group = ret_control_group ? &control_group : NULL,
        };
        int r;

        r = ask(&question);
        if (r < 0)
                return r;
        *ret_pid = (pid_t) pid;
        if (ret_control_group)
                *ret_control_group = TAKE_PTR(control_group);
        return 0;
}

int unit_get_starting_process(const char *unit_name, pid_t *ret_pid) {
        _cleanup_free_ char *sub_state = NULL;
        uint32_t pid = 0;
        Question question = { .unit_name = unit_name, .main_pid = &pid, .sub_state = &sub_state };
        int r;

        r = ask(&question);
        if (r < 0)
                return r;
        if (pid == 0 || !streq(sub_state, "start"))
                return 0;
        *ret_pid = (pid_t) pid;
        return 1;
}

int unit_get_stop_signal(const char *unit_name, int *ret) {
        _cleanup_free_ char *sub_state = NULL;
        int32_t kill_signal = 0;
        Question question = {
                .unit_name = unit_name,
                .sub_state = &sub_state,
                .kill_signal = &kill_signal,
        };
        int r;

        r = ask(&question);
        if (r < 0)
                return r;
        /* Before, in "stop", commands are run, and the signal is yet to come. */
        if (!streq(sub_state, "stop-sigterm"))
                return 0;
        *ret = kill_signal;
        return 1;
}

int unit_get_stop_timeout(const char *unit_name, uint64_t *ret) {
        Question question = { .unit_name = unit_name, .stop_timeout_usec = ret };

        return ask(&question);
}

int unit_get_result(const char *unit_name, char **ret) {
        _cleanup_free_ char *result = NULL;
        Question question = { .unit_name = unit_name, .result = &result };
        int r;

        r = ask(&question);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(result);
        return 0;
}

void unit_properties_done(UnitProperties *properties) {
        properties->control_group = x_free(properties->control_group);
        properties->slice = x_free(properties->slice);
        properties->type = x_free(properties->type);
        properties->output.standard_output = x_free(properties->output.standard_output);
        properties->output.standard_error = x_free(properties->output.standard_error);
        properties->output.identifier = x_free(properties->output.identifier);
        properties->output.journal_namespace = x_free(properties->output.journal_namespace);
        string_list_done(&properties->drop_ins);
}
