/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of many units. */
#include "host/unit/unit-list.h"

#include <errno.h>

#include "basic/dynamic.h"
#include "host/manager.h"

DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_call_method_async);
DYNAMIC_FUNCTION(sd_bus_message_enter_container);
DYNAMIC_FUNCTION(sd_bus_message_is_method_error);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_unref);
DYNAMIC_FUNCTION(sd_bus_process);
DYNAMIC_FUNCTION(sd_bus_wait);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_call_method_async),
                DYNAMIC_SYMBOL(sd_bus_message_enter_container),
                DYNAMIC_SYMBOL(sd_bus_message_is_method_error),
                DYNAMIC_SYMBOL(sd_bus_message_read),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
                DYNAMIC_SYMBOL(sd_bus_process),
                DYNAMIC_SYMBOL(sd_bus_wait),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

static void message_unrefp(sd_bus_message **message) {
        if (*message)
                sym_sd_bus_message_unref(*message);
}

/* Questions on their way; sd-bus holds a limited number of messages. */
enum { PENDING_MOST = 256 };

typedef struct Question {
        char type;
        void *field; /* char * for 's', else uint64_t */
        size_t *pending;
} Question;

typedef struct Asking {
        const char *pattern;
        UnitDetails details;
        UnitStates states;
        char **paths; /* of the units' objects, in the same order; owned */
        size_t path_count, paths_allocated;
        Question *questions;
        size_t pending;
} Asking;

static void asking_done(Asking *asking) {
        unit_states_done(&asking->states);
        for (size_t i = 0; i < asking->path_count; i++)
                free(asking->paths[i]);
        asking->paths = x_free(asking->paths);
        asking->questions = x_free(asking->questions);
        asking->path_count = asking->paths_allocated = asking->pending = 0;
}

/* Which units */

static int add_unit(Asking *asking, const char *name, const char *active, const char *sub, const char *path) {
        UnitStates *states = &asking->states;
        UnitState *state;

        if (ARRAY_RESERVE(states->items, states->allocated, states->count + 1) < 0 ||
            ARRAY_RESERVE(asking->paths, asking->paths_allocated, asking->path_count + 1) < 0)
                return -ENOMEM;
        state = &states->items[states->count++];
        *state = (UnitState) { .name = strdup(name), .active = strdup(active), .sub = strdup(sub),
                               .memory_bytes = UINT64_MAX, .cpu_nsec = UINT64_MAX };
        asking->paths[asking->path_count++] = strdup(path);
        return state->name && state->active && state->sub && asking->paths[asking->path_count - 1] ? 0 : -ENOMEM;
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
                r = add_unit(asking, name, active, sub, path);
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

static int ask_details(sd_bus *bus, Asking *asking) {
        enum { DETAILS = 6 };
        Question *next;
        int r = 0;

        asking->questions = calloc(asking->states.count * DETAILS + 1, sizeof(*asking->questions));
        if (!asking->questions)
                return -ENOMEM;
        next = asking->questions;
        for (size_t i = 0; i < asking->states.count && r >= 0; i++) {
                UnitState *state = &asking->states.items[i];
                const struct {
                        UnitDetails of;
                        const char *interface, *property;
                        char type;
                        void *field;
                } details[DETAILS] = {
                        { UNIT_NUMBERS, SYSTEMD_SERVICE ".Unit", "StateChangeTimestamp", 't', &state->since_usec },
                        { UNIT_NUMBERS, SYSTEMD_SERVICE ".Service", "MemoryCurrent", 't', &state->memory_bytes },
                        { UNIT_NUMBERS, SYSTEMD_SERVICE ".Service", "CPUUsageNSec", 't', &state->cpu_nsec },
                        { UNIT_NUMBERS, SYSTEMD_SERVICE ".Service", "NRestarts", 'u', &state->restarts },
                        { UNIT_PROCESSES, SYSTEMD_SERVICE ".Service", "MainPID", 'u', &state->main_pid },
                        { UNIT_PROCESSES, SYSTEMD_SERVICE ".Service", "ControlGroup", 's', &state->control_group },
                };

                for (size_t j = 0; j < DETAILS && r >= 0 && !streq(state->active, "inactive"); j++) {
                        if (!(asking->details & details[j].of))
                                continue;
                        *next = (Question) { .field = details[j].field, .type = details[j].type };
                        r = ask_detail(bus, asking, asking->paths[i], details[j].interface, details[j].property,
                                       next++);
                }
        }
        return r < 0 ? r : wait_for_answers(bus, asking, 0);
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
        return r < 0 || !asking->details ? r : ask_details(bus, asking);
}

int unit_states_get(const char *pattern, UnitDetails details, UnitStates *ret) {
        _cleanup_(asking_done) Asking asking = { .pattern = pattern, .details = details };
        int r = manager_ask(ask, &asking);

        if (r < 0)
                return r;
        if (asking.states.count > 1)
                qsort(asking.states.items, asking.states.count, sizeof(*asking.states.items), compare_states);
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
