/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd has in its queue for a unit, and adding to it. */
#include <errno.h>

#include "basic/dynamic.h"
#include "host/manager.h"
#include "host/unit/unit.h"

DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_get_property);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_get_property_strv);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_unref);

static int load_bus(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_path_encode),         DYNAMIC_SYMBOL(sd_bus_get_property),
                DYNAMIC_SYMBOL(sd_bus_get_property_string), DYNAMIC_SYMBOL(sd_bus_message_read),
                DYNAMIC_SYMBOL(sd_bus_message_unref),       DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_get_property_strv),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Question {
        const char *unit_name;
        char *type; /* of the job; NULL: there is none */
        bool *waits;
} Question;

static int get_text(sd_bus *bus, const char *job, const char *property, char **ret) {
        return sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, job, SYSTEMD_SERVICE ".Job", property, NULL, ret);
}

/* The job may be done before it is asked for. */
static int look_at(sd_bus *bus, const char *job, Question *question) {
        _cleanup_free_ char *type = NULL, *state = NULL;
        int r = get_text(bus, job, "JobType", &type);

        if (r >= 0 && question->waits)
                r = get_text(bus, job, "State", &state);
        if (r < 0)
                return r == -EBADR || r == -ENOENT ? 0 : r;
        if (question->waits)
                *question->waits = streq(state, "waiting");
        question->type = TAKE_PTR(type);
        return 0;
}

static int ask(sd_bus *bus, void *userdata) {
        _cleanup_free_ char *path = NULL;
        sd_bus_message *reply = NULL;
        Question *question = userdata;
        uint32_t id = 0;
        const char *job;
        int r;

        question->type = x_free(question->type);
        r = load_bus();
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", question->unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Unit", "Job", NULL, &reply,
                                            "(uo)");
        if (r < 0)
                return r;
        r = sym_sd_bus_message_read(reply, "(uo)", &id, &job);
        if (r >= 0 && id != 0)
                r = look_at(bus, job, question);
        sym_sd_bus_message_unref(reply);
        return r < 0 ? r : 0;
}

typedef struct Bound {
        const char *unit_name;
        StringList *units;
} Bound;

static int get_bound(sd_bus *bus, void *userdata) {
        _cleanup_free_ char *path = NULL;
        char **items = NULL;
        Bound *bound = userdata;
        int r;

        string_list_done(bound->units);
        r = load_bus();
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", bound->unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property_strv(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Unit", "BoundBy", NULL,
                                                 &items);
        if (r < 0)
                return r;
        bound->units->items = items;
        while (items && items[bound->units->count])
                bound->units->count++;
        bound->units->allocated = bound->units->count;
        return 0;
}

int unit_get_bound(const char *unit_name, StringList *ret) {
        int r = manager_ask(get_bound, &(Bound) { .unit_name = unit_name, .units = ret });

        return r < 0 ? r : 0;
}

static int start(sd_bus *bus, void *userdata) {
        const char *unit_name = userdata;
        int r = load_bus();

        if (r < 0)
                return r;
        return sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager", "StartUnit",
                                      NULL, NULL, "ss", unit_name, "fail");
}

int unit_start(const char *unit_name) {
        int r = manager_ask(start, (void *) unit_name);

        return r < 0 ? r : 0;
}

int unit_get_job(const char *unit_name, char **ret, bool *ret_waits) {
        Question question = { .unit_name = unit_name, .waits = ret_waits };
        int r = manager_ask(ask, &question);

        if (r < 0) {
                free(question.type);
                return r;
        }
        *ret = question.type;
        return question.type ? 1 : 0;
}
