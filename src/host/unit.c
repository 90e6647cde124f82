/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd knows about a unit. */
#include "host/unit.h"

#include <errno.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "host/manager.h"

DYNAMIC_FUNCTION(sd_bus_get_property);
DYNAMIC_FUNCTION(sd_bus_message_at_end);
DYNAMIC_FUNCTION(sd_bus_message_enter_container);
DYNAMIC_FUNCTION(sd_bus_message_unref);
DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_get_property_strv);
DYNAMIC_FUNCTION(sd_bus_get_property_trivial);

static int load_bus(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_get_property),
                DYNAMIC_SYMBOL(sd_bus_message_at_end),
                DYNAMIC_SYMBOL(sd_bus_message_enter_container),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
                DYNAMIC_SYMBOL(sd_bus_path_encode),
                DYNAMIC_SYMBOL(sd_bus_get_property_string),
                DYNAMIC_SYMBOL(sd_bus_get_property_strv),
                DYNAMIC_SYMBOL(sd_bus_get_property_trivial),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

/* What is asked about a unit: those of the answers that are not NULL. */
typedef struct Question {
        const char *unit_name;
        char **control_group, **slice, **type, **result, **sub_state;
        int *delegate;
        StringList *delegate_controllers;
        bool *stop_command;
        uint32_t *main_pid;
        int32_t *kill_signal;
        uint64_t *stop_timeout_usec;
        UnitOutput *output;
} Question;

static int get_string(sd_bus *bus, const char *path, const char *interface, const char *name, char **ret) {
        char *value;
        int r;

        if (!ret)
                return 0;
        r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, path, interface, name, NULL, &value);
        if (r < 0)
                return r;
        free(*ret);
        *ret = value;
        return 0;
}

static int get_number(sd_bus *bus, const char *path, const char *name, char type, void *ret) {
        return ret ? sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", name, NULL,
                                                     type, ret)
                   : 0;
}

static int get_list(sd_bus *bus, const char *path, const char *name, StringList *ret) {
        char **items = NULL;
        int r;

        if (!ret)
                return 0;
        r = sym_sd_bus_get_property_strv(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", name, NULL,
                                             &items);
        if (r < 0)
                return r;
        string_list_done(ret);
        ret->items = items;
        while (ret->items && ret->items[ret->count])
                ret->count++;
        return 0;
}

/* Whether there is any ExecStop=. */
static int get_stop_command(sd_bus *bus, const char *path, bool *ret) {
        sd_bus_message *reply = NULL;
        int r;

        if (!ret)
                return 0;
        r = sym_sd_bus_get_property(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", "ExecStop", NULL, &reply,
                                    "a(sasbttttuii)");
        if (r >= 0)
                r = sym_sd_bus_message_enter_container(reply, 'a', "(sasbttttuii)");
        if (r >= 0)
                r = sym_sd_bus_message_at_end(reply, false);
        if (r >= 0)
                *ret = r == 0;
        sym_sd_bus_message_unref(reply);
        return r < 0 ? r : 0;
}

static int ask_output(sd_bus *bus, const char *path, UnitOutput *output) {
        const char *const service = SYSTEMD_SERVICE ".Service";
        int r;

        if (!output)
                return 0;
        r = get_string(bus, path, service, "StandardOutput", &output->standard_output);
        if (r >= 0)
                r = get_string(bus, path, service, "StandardError", &output->standard_error);
        if (r >= 0)
                r = get_string(bus, path, service, "SyslogIdentifier", &output->identifier);
        if (r >= 0)
                r = get_string(bus, path, service, "LogNamespace", &output->journal_namespace);
        if (r >= 0)
                r = get_number(bus, path, "SyslogPriority", 'i', &output->priority);
        if (r >= 0)
                r = get_number(bus, path, "SyslogLevelPrefix", 'b', &output->level_prefix);
        return r;
}

static int ask(sd_bus *bus, void *userdata) {
        const char *const service = SYSTEMD_SERVICE ".Service", *const unit = SYSTEMD_SERVICE ".Unit";
        const Question *question = userdata;
        _cleanup_free_ char *path = NULL;
        int r;

        r = load_bus();
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", question->unit_name, &path);
        if (r >= 0)
                r = get_string(bus, path, service, "ControlGroup", question->control_group);
        if (r >= 0)
                r = get_string(bus, path, service, "Slice", question->slice);
        if (r >= 0)
                r = get_string(bus, path, service, "Type", question->type);
        if (r >= 0)
                r = get_string(bus, path, service, "Result", question->result);
        if (r >= 0)
                r = get_string(bus, path, unit, "SubState", question->sub_state);
        if (r >= 0)
                r = get_number(bus, path, "Delegate", 'b', question->delegate);
        if (r >= 0)
                r = get_list(bus, path, "DelegateControllers", question->delegate_controllers);
        if (r >= 0)
                r = get_stop_command(bus, path, question->stop_command);
        if (r >= 0)
                r = get_number(bus, path, "MainPID", 'u', question->main_pid);
        if (r >= 0)
                r = get_number(bus, path, "KillSignal", 'i', question->kill_signal);
        if (r >= 0)
                r = get_number(bus, path, "TimeoutStopUSec", 't', question->stop_timeout_usec);
        if (r >= 0)
                r = ask_output(bus, path, question->output);
        return r < 0 ? r : 0;
}

int unit_properties_get(const char *unit_name, UnitProperties *ret) {
        _cleanup_unit_properties_ UnitProperties properties = {};
        int32_t kill_signal = 0;
        int delegate = 0, r;
        Question question = {
                .unit_name = unit_name,
                .control_group = &properties.control_group,
                .slice = &properties.slice,
                .type = &properties.type,
                .delegate = &delegate,
                .delegate_controllers = &properties.delegate_controllers,
                .kill_signal = &kill_signal,
                .stop_command = &properties.stop_command,
                .output = &properties.output,
        };

        r = manager_ask(ask, &question);
        if (r < 0)
                return r;
        properties.delegate = delegate;
        properties.kill_signal = kill_signal;
        *ret = properties;
        properties = (UnitProperties) {};
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

        r = manager_ask(ask, &question);
        if (r < 0)
                return r;
        *ret_pid = (pid_t) pid;
        if (ret_control_group)
                *ret_control_group = TAKE_PTR(control_group);
        return 0;
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

        r = manager_ask(ask, &question);
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

        return manager_ask(ask, &question);
}

int unit_get_result(const char *unit_name, char **ret) {
        _cleanup_free_ char *result = NULL;
        Question question = { .unit_name = unit_name, .result = &result };
        int r;

        r = manager_ask(ask, &question);
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
        string_list_done(&properties->delegate_controllers);
}
