/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services of a migration. */
#include "start/migrate/migrate-units.h"

#include <errno.h>
#include <time.h>

#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "health/health-file.h"
#include "kind/kinds.h"
#include "source/quadlet-services.h"

enum { POLL_MSEC = 200, SETTLE_MSEC = 2000 };

#define USEC_PER_MSEC UINT64_C(1000)

bool migrate_is_taken(const Source *source) {
        const Kind *kind = kind_get(source->type);

        return !source->masked && kind && kind->is_supported;
}

static bool is_in(const StringList *directories, const Source *source) {
        for (size_t i = 0; i < directories->count; i++)
                if (path_is_below(source->path, directories->items[i]))
                        return true;
        return false;
}

/* The name that Quadlet gives it: what ServiceName= says, else one made of the file's. */
static int find_service(const Source *source, char **ret) {
        const char *section = file_type_section(source->type), *name = NULL;
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_unit_file_ UnitFile unit = {};
        int r = source_read(source, &unit, &unseen);

        for (size_t i = 0; r >= 0 && i < unit.count; i++)
                if (streq(unit.entries[i].section, section) && streq(unit.entries[i].key, "ServiceName"))
                        name = unit.entries[i].value;
        if (r < 0)
                return r;
        *ret = name && *name ? text_format("%s%s", name, endswith(name, ".service") ? "" : ".service")
                             : quadlet_service_name(source->type, source->stem);
        return *ret ? 0 : -ENOMEM;
}

static bool is_up(const UnitState *state) {
        return state && (streq(state->active, "active") || streq(state->active, "reloading") ||
                         streq(state->active, "activating"));
}

static int add_pair(const Source *source, MigrateSide side, const UnitStates *states, MigrateRecord *ret) {
        _cleanup_free_ char *service = NULL, *unit = NULL;
        int r;

        r = find_service(source, &service);
        if (r >= 0)
                r = unit_name_for(source->type, source->stem, &unit);
        if (r < 0)
                return r == -EINVAL ? 0 : r;
        return is_up(unit_states_find(states, side == MIGRATE_QUADLETS ? service : unit))
                               ? migrate_record_add(ret, service, unit)
                               : 0;
}

/* What is put in between "web@" and the rest of the name is an instance of it. */
static int add_instances(const StringList *search_path, FileType type, const char *stem, const char *name,
                         const UnitStates *states, Sources *sources) {
        const char *rest = strrchr(name, '@') + 1;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < states->count; i++) {
                size_t n = (size_t) (rest - name);
                const char *instance = strncmp(states->items[i].name, name, n) == 0 ? states->items[i].name + n : NULL,
                           *end = instance ? endswith(instance, rest) : NULL;
                _cleanup_free_ char *full = NULL;

                if (!end || end == instance || !is_up(&states->items[i]))
                        continue;
                full = text_format("%s%.*s", stem, (int) (end - instance), instance);
                r = full ? sources_add_instance(sources, search_path, type, full, NULL) : -ENOMEM;
                r = r == -ENOENT ? 0 : r;
        }
        return r;
}

static int find_instances(const StringList *search_path, const Source *template, MigrateSide side,
                          const UnitStates *states, Sources *sources) {
        /* The list of sources moves when it grows. */
        _cleanup_free_ char *stem = strdup(template->stem), *name = NULL;
        FileType type = template->type;
        int r = 0;

        if (!stem)
                return -ENOMEM;
        if (side == MIGRATE_OURS)
                r = unit_name_for(type, stem, &name);
        else
                name = quadlet_service_name(type, stem);
        if (r < 0 || !name)
                return r == -EINVAL ? 0 : -ENOMEM;
        return add_instances(search_path, type, stem, name, states, sources);
}

int migrate_units_find(const StringList *directories, const StringList *search_path, MigrateSide side,
                       const UnitStates *states, Sources *sources, MigrateRecord *ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < sources->count; i++)
                if (stem_is_template(sources->items[i].stem) && migrate_is_taken(&sources->items[i]) &&
                    is_in(directories, &sources->items[i]))
                        r = find_instances(search_path, &sources->items[i], side, states, sources);
        for (size_t i = 0; r >= 0 && i < sources->count; i++)
                if (!stem_is_template(sources->items[i].stem) && migrate_is_taken(&sources->items[i]) &&
                    is_in(directories, &sources->items[i]))
                        r = add_pair(&sources->items[i], side, states, ret);
        return r;
}

int migrate_systemctl(const char *verb, const StringList *units) {
        _cleanup_string_list_ StringList command = {};
        int r;

        if (units && units->count == 0)
                return 0;
        if ((r = string_list_add(&command, "systemctl")) < 0 ||
            (r = string_list_add(&command, places_scope() == SCOPE_USER ? "--user" : "--system")) < 0 ||
            (r = string_list_add(&command, verb)) < 0 ||
            (r = string_list_add(&command, "--")) < 0 || (r = units ? string_list_extend(&command, units) : 0) < 0)
                return r;
        r = process_run((const char *const *) command.items, NULL, 0);
        return r > 0 ? -EREMOTEIO : r;
}

/* Waiting */

static void nap(void) {
        struct timespec rest = { .tv_nsec = POLL_MSEC * 1000 * 1000 };

        while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
                ;
}

/* Whether the unit has failed, or is being started again because it has. */
static int has_failed(const char *unit) {
        _cleanup_unit_states_ UnitStates states = {};
        const UnitState *state;
        int r = unit_states_get(unit, 0, &states);

        if (r < 0)
                return r;
        state = unit_states_find(&states, unit);
        return state && (streq(state->active, "failed") || streq(state->sub, "auto-restart"));
}

int migrate_units_forget_failures(const StringList *units) {
        _cleanup_string_list_ StringList failed = {};
        int r = 0;

        for (size_t i = 0; r >= 0 && i < units->count; i++) {
                r = has_failed(units->items[i]);
                if (r > 0)
                        r = string_list_add(&failed, units->items[i]);
        }
        return r < 0 ? r : migrate_systemctl("reset-failed", &failed);
}

/* The health check of a container, and how long it may take until the first verdict. Returns 1, 0
 * when it has none, or -errno. */
static int find_health(const Bundle *bundle, uint64_t *ret_limit_usec) {
        _cleanup_health_check_ HealthCheck check = {};
        uint64_t once, limit;
        int r;

        if (bundle->fd < 0)
                return 0;
        r = health_check_read(bundle, &check);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (check.interval_usec == 0 || check.interval_usec == USEC_INFINITY)
                return 0;
        if (__builtin_add_overflow(check.interval_usec, check.timeout_usec, &once) ||
            __builtin_mul_overflow(once, check.retries + 2, &limit) ||
            __builtin_add_overflow(limit, check.start_period_usec, &limit))
                limit = USEC_INFINITY;
        *ret_limit_usec = limit;
        return 1;
}

static int wait_for_health(const Bundle *bundle, const char *unit, uint64_t limit_usec) {
        for (uint64_t waited = 0; waited < limit_usec; waited += POLL_MSEC * USEC_PER_MSEC) {
                _cleanup_health_state_ HealthState state = {};
                int r = health_file_read(bundle, &state);

                if (r < 0)
                        return r;
                if (state.status != HEALTH_STARTING)
                        return state.status == HEALTH_HEALTHY ? 0 : -EREMOTEIO;
                r = has_failed(unit);
                if (r != 0)
                        return r < 0 ? r : -EREMOTEIO;
                nap();
        }
        return -EREMOTEIO;
}

static int wait_for_one(const char *unit) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *stem = NULL, *instance = NULL;
        uint64_t limit;
        FileType type;
        int r;

        r = unit_name_parse(unit, &type, &stem);
        if (r < 0 || type != FILE_CONTAINER)
                return r == -EINVAL ? 0 : r;
        instance = stem_escape(stem);
        r = instance ? bundle_open(instance, &bundle) : -ENOMEM;
        if (r >= 0)
                r = find_health(&bundle, &limit);
        return r <= 0 ? r : wait_for_health(&bundle, unit, limit);
}

/* A container that fails does it most of the time just after it has begun. */
static int settle(const StringList *units, const char **ret_failed) {
        for (unsigned waited = 0; waited <= SETTLE_MSEC; waited += POLL_MSEC) {
                for (size_t i = 0; i < units->count; i++) {
                        int r = has_failed(units->items[i]);

                        *ret_failed = units->items[i];
                        if (r != 0)
                                return r < 0 ? r : -EREMOTEIO;
                }
                nap();
        }
        return 0;
}

int migrate_units_wait(const StringList *units, const char **ret_failed) {
        int r = settle(units, ret_failed);

        for (size_t i = 0; r >= 0 && i < units->count; i++) {
                *ret_failed = units->items[i];
                r = wait_for_one(units->items[i]);
        }
        return r;
}
