/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of many units. */
#include "host/unit/unit-list.h"

#include <errno.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "host/manager.h"
#include "host/unit/unit-groups.h"
#include "host/unit/unit-usage.h"

DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_call_method_async);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_message_enter_container);
DYNAMIC_FUNCTION(sd_bus_message_is_method_error);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_unref);
DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_process);
DYNAMIC_FUNCTION(sd_bus_wait);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_call_method_async),
                DYNAMIC_SYMBOL(sd_bus_get_property_string),
                DYNAMIC_SYMBOL(sd_bus_message_enter_container),
                DYNAMIC_SYMBOL(sd_bus_message_is_method_error),
                DYNAMIC_SYMBOL(sd_bus_message_read),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
                DYNAMIC_SYMBOL(sd_bus_path_encode),
                DYNAMIC_SYMBOL(sd_bus_process),
                DYNAMIC_SYMBOL(sd_bus_wait),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

static void message_unrefp(sd_bus_message **message) {
        if (*message)
                sym_sd_bus_message_unref(*message);
}

enum {
        DETAILS = 6, /* of a unit, at most */
        /* Questions on their way; sd-bus holds a limited number of messages. */
        PENDING_MOST = 256,
};

typedef struct Question {
        char type;
        void *field; /* char * for 's', else uint64_t */
        size_t *pending;
} Question;

typedef struct Asking {
        const char *pattern;
        UnitDetails details;
        UnitStates states;
        Question *questions;
        size_t pending;
} Asking;

static void asking_done(Asking *asking) {
        unit_states_done(&asking->states);
        asking->questions = x_free(asking->questions);
        asking->pending = 0;
}

/* Which units */

static int add_unit(Asking *asking, const char *name, const char *active, const char *sub) {
        UnitStates *states = &asking->states;
        UnitState *state;

        if (ARRAY_RESERVE(states->items, states->allocated, states->count + 1) < 0)
                return -ENOMEM;
        state = &states->items[states->count++];
        *state = (UnitState) { .name = strdup(name), .active = strdup(active), .sub = strdup(sub),
                               .memory_bytes = UINT64_MAX, .cpu_nsec = UINT64_MAX };
        return state->name && state->active && state->sub ? 0 : -ENOMEM;
}

static int list_units(sd_bus *bus, Asking *asking) {
        const char *name, *description, *loaded, *active, *sub, *following, *path, *job_type, *job_path;
        _cleanup_(message_unrefp) sd_bus_message *reply = NULL;
        uint32_t job;
        int r;

        r = sym_sd_bus_call_method(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager",
                                   "ListUnitsByPatterns", NULL, &reply, "asas", 0, 1, asking->pattern);
        if (r >= 0)
                r = sym_sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0) {
                r = sym_sd_bus_message_read(reply, "(ssssssouso)", &name, &description, &loaded, &active, &sub,
                                            &following, &path, &job, &job_type, &job_path);
                if (r <= 0)
                        break;
                r = add_unit(asking, name, active, sub);
        }
        return r;
}

/* Their details */

static int take_string(sd_bus_message *reply, char **field) {
        const char *text;
        char *copy;

        if (sym_sd_bus_message_read(reply, "s", &text) <= 0)
                return 0;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        free(*field);
        *field = copy;
        return 0;
}

static void take_number(sd_bus_message *reply, const char *type, uint64_t *field) {
        uint32_t small = 0;
        uint64_t number = 0;

        if (sym_sd_bus_message_read(reply, type, *type == 'u' ? (void *) &small : (void *) &number) > 0)
                *field = *type == 'u' ? small : number;
}

static int on_answer(sd_bus_message *reply, void *userdata, _unused_ sd_bus_error *error) {
        Question *question = userdata;
        char type[] = { question->type, '\0' };

        (*question->pending)--;
        /* Units come and go: no answer leaves what is there. */
        if (sym_sd_bus_message_is_method_error(reply, NULL) ||
            sym_sd_bus_message_enter_container(reply, 'v', type) <= 0)
                return 0;
        if (question->type == 's')
                return take_string(reply, question->field);
        take_number(reply, type, question->field);
        return 0;
}

/* Waits until at most `most` questions are on their way. */
static int wait_for_answers(sd_bus *bus, const Asking *asking, size_t most) {
        while (asking->pending > most) {
                int r = sym_sd_bus_process(bus, NULL);

                if (r == 0)
                        r = sym_sd_bus_wait(bus, UINT64_MAX);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int ask_detail(sd_bus *bus, Asking *asking, const char *path, const char *interface, const char *property,
                      Question *question) {
        int r = wait_for_answers(bus, asking, PENDING_MOST - 1);

        if (r < 0)
                return r;
        question->pending = &asking->pending;
        r = sym_sd_bus_call_method_async(bus, NULL, SYSTEMD_SERVICE, path, "org.freedesktop.DBus.Properties", "Get",
                                         on_answer, question, "ss", interface, property);
        if (r >= 0)
                asking->pending++;
        return r;
}

/* Asks for those of a unit's details that are wanted and not known. */
static int ask_about_unit(sd_bus *bus, Asking *asking, UnitState *state, Question **next) {
        const struct {
                UnitDetails of;
                const char *interface, *property;
                char type;
                void *field;
        } details[DETAILS] = {
                { UNIT_SINCE, SYSTEMD_SERVICE ".Unit", "StateChangeTimestamp", 't', &state->since_usec },
                { UNIT_RESTARTS, SYSTEMD_SERVICE ".Service", "NRestarts", 'u', &state->restarts },
                { UNIT_USAGE, SYSTEMD_SERVICE ".Service", "MemoryCurrent", 't', &state->memory_bytes },
                { UNIT_USAGE, SYSTEMD_SERVICE ".Service", "CPUUsageNSec", 't', &state->cpu_nsec },
                { UNIT_PROCESSES, SYSTEMD_SERVICE ".Service", "MainPID", 'u', &state->main_pid },
                { UNIT_PROCESSES, SYSTEMD_SERVICE ".Service", "ControlGroup", 's', &state->control_group },
        };
        _cleanup_free_ char *path = NULL;
        UnitDetails wanted = asking->details;
        int r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", state->name, &path);

        if (state->control_group && *state->control_group)
                wanted &= ~(unsigned) UNIT_USAGE;
        for (size_t i = 0; i < ARRAY_SIZE(details) && r >= 0; i++) {
                if (!(wanted & details[i].of))
                        continue;
                **next = (Question) { .field = details[i].field, .type = details[i].type };
                r = ask_detail(bus, asking, path, details[i].interface, details[i].property, (*next)++);
        }
        return r;
}

/* While the manager answers, what it would have to read itself is read here. */
static int ask_details(sd_bus *bus, Asking *asking) {
        Question *next;
        int r = 0;

        asking->questions = calloc(asking->states.count * DETAILS + 1, sizeof(*asking->questions));
        if (!asking->questions)
                return -ENOMEM;
        next = asking->questions;
        for (size_t i = 0; i < asking->states.count && r >= 0; i++) {
                UnitState *state = &asking->states.items[i];

                if (streq(state->active, "inactive"))
                        continue;
                r = ask_about_unit(bus, asking, state, &next);
                if (r >= 0 && asking->details & UNIT_USAGE && state->control_group && *state->control_group)
                        r = unit_usage_read_basics(state->control_group, &state->memory_bytes, &state->cpu_nsec);
        }
        return r < 0 ? r : wait_for_answers(bus, asking, 0);
}

static bool any_is_up(const UnitStates *states) {
        for (size_t i = 0; i < states->count; i++)
                if (!streq(states->items[i].active, "inactive"))
                        return true;
        return false;
}

/* One that has a group in two slices, because it was moved, is one to be asked about. */
static int on_group(const char *slice, const char *name, void *userdata) {
        UnitStates *states = userdata;
        const UnitState *found = unit_states_find(states, name);
        UnitState *state = found ? &states->items[found - states->items] : NULL;

        if (!state)
                return 0;
        if (state->control_group)
                *state->control_group = '\0';
        else
                state->control_group = text_format("%s/%s", slice, name);
        return state->control_group ? 0 : -ENOMEM;
}

/* Where that is not to be found, the manager is asked for everything. */
static int find_groups(sd_bus *bus, UnitStates *states) {
        _cleanup_free_ char *root = NULL;
        int r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_SERVICE ".Manager",
                                               "ControlGroup", NULL, &root);

        return r < 0 ? r : unit_groups_find(root, on_group, states);
}

static int compare_states(const void *x, const void *y) {
        const UnitState *a = x, *b = y;

        return strcmp(a->name, b->name);
}

static int ask(sd_bus *bus, void *userdata) {
        Asking *asking = userdata;
        int r;

        asking_done(asking); /* of a connection that broke */
        r = load();
        if (r >= 0)
                r = list_units(bus, asking);
        if (r >= 0 && asking->states.count > 1)
                qsort(asking->states.items, asking->states.count, sizeof(*asking->states.items), compare_states);
        if (r < 0 || !asking->details || !any_is_up(&asking->states))
                return r;
        if (asking->details & UNIT_USAGE)
                r = find_groups(bus, &asking->states);
        return r < 0 ? r : ask_details(bus, asking);
}

int unit_states_get(const char *pattern, UnitDetails details, UnitStates *ret) {
        _cleanup_(asking_done) Asking asking = { .pattern = pattern, .details = details };
        int r = manager_ask(ask, &asking);

        if (r < 0)
                return r;
        *ret = asking.states;
        asking.states = (UnitStates) {};
        return 0;
}

const UnitState *unit_states_find(const UnitStates *states, const char *name) {
        const UnitState wanted = { .name = (char *) name };

        return states->count == 0 ? NULL
                                  : bsearch(&wanted, states->items, states->count, sizeof(wanted), compare_states);
}

void unit_states_done(UnitStates *states) {
        for (size_t i = 0; i < states->count; i++) {
                free(states->items[i].name);
                free(states->items[i].active);
                free(states->items[i].sub);
                free(states->items[i].control_group);
        }
        states->items = x_free(states->items);
        states->count = states->allocated = 0;
}
