/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be brought over from Quadlet: its files, and which of their services run. */
#include "start/migrate/migrate-plan.h"

#include <errno.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/text.h"
#include "start/migrate/migrate-data.h"
#include "start/migrate/migrate-needs.h"
#include "start/migrate/migrate-units.h"
#include "unit/unit-plan.h"

/* Where its copy goes. Returns 1, 0 when it is in none of the directories, or -ENOMEM. */
static int find_target(const MigratePlan *plan, const char *path, char **ret) {
        const char *rest = migrate_relative(&plan->directories, path);

        if (!rest)
                return 0;
        *ret = path_join(plan->home, rest);
        return *ret ? 1 : -ENOMEM;
}

static int add_copy(MigratePlan *plan, const char *path, bool is_unit) {
        _cleanup_free_ char *to = NULL;
        int r = find_target(plan, path, &to);

        return r <= 0 ? r : migrate_plan_add_file(plan, path, to, is_unit);
}

/* What an instance needs, such as volumes and networks, systemd is told of those that have a file,
 * if only a link to the template's. */
static int check_instance(MigratePlan *plan, const Source *source) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r = file_name_parse(path_basename(source->path), &type, &stem);

        if (r < 0 || streq(stem, source->stem))
                return r == -ENOMEM ? r : 0;
        diagnose_error(&plan->diagnostics, &(Location) { .file = source->path },
                       "the instance \"%s\" runs without a file of its own: stop it, or give it one: ln -s %s "
                       "%.*s/%s.%s", source->stem, path_basename(source->path),
                       (int) (path_basename(source->path) - source->path - 1), source->path, source->stem,
                       file_type_name(source->type));
        return 0;
}

static int add_source(MigratePlan *plan, const Source *source) {
        _cleanup_free_ char *to = NULL;
        int r;

        r = find_target(plan, source->path, &to);
        if (r <= 0 || !migrate_is_taken(source))
                return r < 0 ? r : 0;
        r = check_instance(plan, source);
        if (r >= 0)
                r = migrate_check_names(plan, source);
        if (r >= 0)
                r = migrate_plan_add_file(plan, source->path, to, true);
        for (size_t i = 0; r >= 0 && i < source->drop_ins.count; i++)
                r = add_copy(plan, source->drop_ins.items[i], false);
        return r >= 0 && !stem_is_template(source->stem)
                               ? migrate_needs_add(plan, source, to)
                               : r;
}

/* Which of them run */

static int find_running(MigratePlan *plan) {
        _cleanup_unit_states_ UnitStates states = {};
        int r = unit_states_get("*.service", 0, &states);

        return r < 0 ? r : migrate_units_find(&plan->directories, &plan->search_path, MIGRATE_QUADLETS, &states,
                                              &plan->sources, &plan->running);
}

/* What is wrong */

static int judge_one(MigratePlan *plan, UnitPlan *units, const Source *source) {
        if (!migrate_plan_has(plan, source->path))
                return 0;
        if (source->masked || migrate_is_taken(source))
                return unit_plan_add(units, source);
        diagnose_warning(&units->diagnostics, &(Location) { .file = source->path },
                         "stays with Quadlet: .%s files are not supported yet", file_type_name(source->type));
        return 0;
}

/* As berth check judges the files. */
static int judge(MigratePlan *plan) {
        UnitPlan units = { .scope = places_scope(), .search_path = plan->search_path, .sources = plan->sources,
                           .diagnostics = plan->diagnostics };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->sources.count; i++)
                r = judge_one(plan, &units, &plan->sources.items[i]);
        plan->diagnostics = units.diagnostics;
        units.search_path = (StringList) {};
        units.sources = (Sources) {};
        units.diagnostics = (Diagnostics) {};
        unit_plan_done(&units);
        return r;
}

/* Whether what is there may stay there: nothing, or the same already. */
static int check_targets(MigratePlan *plan) {
        for (size_t i = 0; i < plan->file_count; i++) {
                const MigrateFile *file = &plan->files[i];
                int r = migrate_same_content(file->from, file->to);

                if (r < 0 && r != -ENOENT)
                        return r;
                if (r == 0)
                        diagnose_error(&plan->diagnostics, &(Location) { .file = file->to },
                                       "is there already, and says something else than %s", file->from);
                if (file->is_unit && access(file->from, F_OK) >= 0) {
                        _cleanup_free_ char *directory = path_dirname(file->from);

                        if (!directory)
                                return -ENOMEM;
                        if (access(directory, W_OK) < 0)
                                diagnose_error(&plan->diagnostics, &(Location) { .file = file->from },
                                               "cannot be renamed, by which Quadlet would let go of it: %s",
                                               strerror(errno));
                }
        }
        return 0;
}

static bool is_named(const MigratePlan *plan, const char *path) {
        for (size_t i = 0; i < plan->sources.count; i++)
                if (streq(plan->sources.items[i].path, path))
                        return true;
        return false;
}

/* What stays with Quadlet is not there for what is brought over. */
static void leave_others(MigratePlan *plan) {
        Sources *sources = &plan->sources;
        size_t kept = 0;

        for (size_t i = 0; i < plan->only.count; i++)
                if (!is_named(plan, plan->only.items[i]))
                        diagnose_error(&plan->diagnostics, &(Location) { .file = plan->only.items[i] },
                                       "is no file that Quadlet makes a unit of");
        for (size_t i = 0; i < sources->count; i++)
                if (migrate_relative(&plan->directories, sources->items[i].path) &&
                    !migrate_plan_has(plan, sources->items[i].path))
                        source_done(&sources->items[i]);
                else
                        sources->items[kept++] = sources->items[i];
        sources->count = kept;
}

static int find_files(MigratePlan *plan) {
        _cleanup_string_list_ StringList ours = {};
        int r = search_path_get(places_scope(), &ours);

        if (r < 0)
                return r;
        plan->home = strdup(ours.count > 0 ? ours.items[0] : place_path(PLACE_CONFIGURATION));
        if (!plan->home)
                return -ENOMEM;
        r = string_list_extend(&plan->search_path, &plan->directories);
        if (r >= 0)
                r = string_list_extend(&plan->search_path, &ours);
        if (r >= 0)
                r = sources_scan(&plan->search_path, &plan->sources, &plan->diagnostics);
        if (r >= 0)
                leave_others(plan);
        return r;
}

static void check_volumes(MigratePlan *plan) {
        for (size_t i = 0; i < plan->volume_count; i++) {
                const MigrateVolume *volume = &plan->volumes[i];

                if (plan->looks[i].is_occupied && !string_list_contains(&plan->record.volumes, volume->name))
                        diagnose_error(&plan->diagnostics,
                                       &(Location) { volume->file, volume->line, volume->column },
                                       "berth has a volume \"%s\" with something in it already; to have podman's in "
                                       "its place: berth volumes rm %s", volume->name, volume->name);
        }
}

static int make(MigratePlan *plan) {
        int r;

        if ((r = migrate_record_read(&plan->record)) < 0 || (r = find_files(plan)) < 0 ||
            (r = podman_store_ask(&plan->podman)) < 0 || (r = find_running(plan)) < 0 || (r = judge(plan)) < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < plan->sources.count; i++)
                r = add_source(plan, &plan->sources.items[i]);
        if (r >= 0)
                r = migrate_look_at_volumes(plan);
        if (r >= 0)
                check_volumes(plan);
        return r < 0 ? r : check_targets(plan);
}

int migrate_plan_make(const StringList *directories, const StringList *only, MigratePlan *ret) {
        _cleanup_migrate_plan_ MigratePlan plan = {};
        int r = string_list_extend(&plan.directories, directories);

        if (r >= 0)
                r = string_list_extend(&plan.only, only);
        if (r >= 0)
                r = make(&plan);
        if (r < 0)
                return r;
        *ret = plan;
        plan = (MigratePlan) {};
        return 0;
}
