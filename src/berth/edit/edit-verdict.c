/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be said of a text that is to go into a file. */
#include "berth/edit/edit-verdict.h"

#include "basic/log.h"
#include "unit/pull-units.h"
#include "unit/unit-plan.h"

/* How it is with the file as it is, or as it will be. */
typedef struct State {
        UnitPlan plan;
        UnitFile unit;
} State;

static void state_done(State *state) {
        unit_plan_done(&state->plan);
        unit_file_done(&state->unit);
}

static int read_state(const EditFile *file, const Draft *draft, State *state) {
        _cleanup_diagnostics_ Diagnostics said = {};
        Source *source;
        ssize_t place;
        int r;

        place = edit_file_scan(file, &state->plan.sources);
        if (place < 0)
                return (int) place;
        source = &state->plan.sources.items[place];
        source->draft = draft;
        r = string_list_extend(&state->plan.search_path, &file->search_path);
        if (r >= 0 && draft)
                r = edit_file_apply(file, source);
        if (r >= 0)
                r = unit_plan_add(&state->plan, source);
        if (r >= 0)
                r = unit_pull_add_outputs(&state->plan.outputs);
        if (r >= 0)
                r = source_read(source, &state->unit, &said);
        unit_outputs_sort(&state->plan.outputs);
        return r < 0 ? log_error_errno(r, "Failed to check %s: %m", file->path) : 0;
}

static bool same_outputs(const UnitOutputs *x, const UnitOutputs *y) {
        if (x->count != y->count)
                return false;
        for (size_t i = 0; i < x->count; i++)
                if (!streq(x->items[i].path, y->items[i].path) || !streq(x->items[i].content, y->items[i].content))
                        return false;
        return true;
}

/* What a running service does not care about: how it hangs together with others. */
static bool is_for_systemd(const Entry *entry) {
        return streq(entry->section, "Unit") || streq(entry->section, "Install");
}

static const Entry *next_entry(const UnitFile *unit, size_t *i) {
        while (*i < unit->count && is_for_systemd(&unit->entries[*i]))
                (*i)++;
        return *i < unit->count ? &unit->entries[(*i)++] : NULL;
}

static bool same_service(const UnitFile *x, const UnitFile *y) {
        size_t i = 0, j = 0;

        for (;;) {
                const Entry *a = next_entry(x, &i), *b = next_entry(y, &j);

                if (!a || !b)
                        return a == b;
                if (!streq(a->section, b->section) || !streq(a->key, b->key) || !streq(a->value, b->value))
                        return false;
        }
}

int edit_judge(const EditFile *file, const char *text, size_t size, EditVerdict *ret) {
        const Draft draft = { file->path, text, size };
        const UnitPlan plan = { .scope = file->scope, .judge_templates = true, .advise = true };
        _cleanup_(state_done) State before = { .plan = plan }, after = { .plan = plan };
        int r;

        r = read_state(file, NULL, &before);
        if (r >= 0)
                r = read_state(file, &draft, &after);
        if (r < 0)
                return r;
        diagnostics_sort(&after.plan.diagnostics);
        ret->diagnostics = after.plan.diagnostics;
        after.plan.diagnostics = (Diagnostics) {};
        ret->changes_units = !same_outputs(&before.plan.outputs, &after.plan.outputs);
        ret->changes_service = !same_service(&before.unit, &after.unit);
        return 0;
}

void edit_verdict_done(EditVerdict *verdict) {
        diagnostics_done(&verdict->diagnostics);
}
