/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth check: everything that is wrong in the files. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/log.h"
#include "basic/path.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/output.h"
#include "berth/command/unit-argument.h"
#include "host/cgroup.h"
#include "host/runtime.h"
#include "source/quadlet-services.h"
#include "source/siblings.h"
#include "start/confinement.h"
#include "unit/unit-plan.h"

enum { DEEPEST = 32 }; /* directories in each other */

typedef struct Check {
        Controllers controllers;
        UnitPlan plan; /* its outputs are what the generator would make: two files may want the same name */
        Sources named; /* the files of the command line, in its order */
} Check;

static void check_done(Check *check) {
        unit_plan_done(&check->plan);
        controllers_done(&check->controllers);
        sources_done(&check->named);
}

/* Which files there are */

static int add_file(Check *check, const char *path) {
        _cleanup_source_ Source source = {};
        int r;

        r = source_from_path(path, &source);
        if (r == -ENOMEM)
                return r;
        if (r == -EINVAL) {
                diagnose_error(&check->plan.diagnostics, &(Location) { .file = path },
                               "not a file of berth's: its name must end with .container, .volume …");
                return 0;
        }
        if (r < 0) {
                diagnose_error(&check->plan.diagnostics, &(Location) { .file = path }, "cannot be read: %s",
                               strerror(-r));
                return 0;
        }
        r = sources_add_siblings(&check->plan.sources, path);
        return r < 0 ? r : sources_append(&check->named, &source);
}

/* "data-volume.service", as Quadlet calls what it makes of data.volume. Returns 0, -ENOENT or
 * -ENOMEM. */
static int find_by_service(const Check *check, const char *name, Source *ret) {
        const Sources *sources = &check->plan.sources;

        for (size_t i = 0; i < sources->count && endswith(name, ".service"); i++) {
                const Source *source = &sources->items[i];
                _cleanup_free_ char *service = quadlet_service_name(source->type, source->stem);

                if (!service)
                        return -ENOMEM;
                if (streq(service, name))
                        return source_find(&check->plan.search_path, source->type, source->stem, ret);
        }
        return -ENOENT;
}

/* All files in it and in the directories below it, which are no drop-ins. */
static int add_directory(Check *check, const char *path, unsigned depth) {
        _cleanup_string_list_ StringList names = {};
        int r = directory_list(path, &names);

        if (r < 0 && r != -ENOMEM) {
                diagnose_error(&check->plan.diagnostics, &(Location) { .file = path }, "cannot be read: %s",
                               strerror(-r));
                return 0;
        }
        for (size_t i = 0; i < names.count && r >= 0; i++) {
                _cleanup_free_ char *below = path_join(path, names.items[i]), *stem = NULL;
                FileType type;

                if (!below)
                        return -ENOMEM;
                r = file_name_parse(names.items[i], &type, &stem);
                if (r >= 0)
                        r = add_file(check, below);
                else if (r != -ENOMEM)
                        r = depth < DEEPEST && !endswith(below, ".d") && source_is_directory(below)
                                            ? add_directory(check, below, depth + 1)
                                            : 0;
        }
        return r;
}

static int add_name(Check *check, const char *name) {
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *stem = NULL;
        FileType type = FILE_CONTAINER;
        const char *ending, *nearest;
        int r;

        r = argument_parse(name, &type, &stem);
        if (r == -ENOMEM)
                return r;
        r = source_find(&check->plan.search_path, type, stem ? stem : name, &source);
        if (r == -ENOENT)
                r = find_by_service(check, name, &source);
        if (r == -ENOENT && source_is_directory(name))
                return add_directory(check, name, 0);
        if (r == -ENOENT) {
                ending = file_type_name(type);
                nearest = sources_find_nearest(&check->plan.sources, type, stem ? stem : name);
                diagnose_error(&check->plan.diagnostics, NULL,
                               nearest ? "there is no %s.%s in the search path; did you mean %s.%s?"
                                       : "there is no %s.%s in the search path",
                               stem ? stem : name, ending, nearest, ending);
                return 0;
        }
        return r < 0 ? r : sources_append(&check->named, &source);
}

/* "web.container" is a file here when there is one, else a name to be searched for. */
static int add_argument(Check *check, const char *argument) {
        _cleanup_free_ char *stem = NULL;
        FileType type;

        if ((strchr(argument, '/') || argument[0] == '.') && source_is_directory(argument))
                return add_directory(check, argument, 0);
        if (strchr(argument, '/') || (file_name_parse(argument, &type, &stem) >= 0 && source_exists(argument)))
                return add_file(check, argument);
        return add_name(check, argument);
}

/* Finds the files of the arguments, or all. Returns those that are to be checked, borrowed, or
 * NULL. */
static int choose_sources(Check *check, char **arguments, const Sources **ret) {
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        int r;

        *ret = *arguments ? &check->named : &check->plan.sources;
        r = search_path_get(check->plan.scope, &check->plan.search_path);
        if (r >= 0)
                r = sources_scan(&check->plan.search_path, &check->plan.sources,
                                 *arguments ? &elsewhere : &check->plan.diagnostics);
        for (; *arguments && r >= 0; arguments++)
                r = add_argument(check, *arguments);
        return r;
}

/* What a user's service manager can limit shows while it runs. Where it does not, nothing is said
 * of that. */
static int find_controllers(Check *check) {
        const unsigned long uid = getuid();
        _cleanup_free_ char *group = text_format("/user.slice/user-%lu.slice/user@%lu.service", uid, uid);
        int r = group ? cgroup_list_controllers(group, &check->controllers.delegated) : -ENOMEM;

        if (r >= 0)
                r = cgroup_list_controllers("", &check->controllers.of_machine);
        if (r >= 0)
                check->plan.controllers = &check->controllers;
        return r == -ENOMEM ? r : 0;
}

/* A runtime that is not installed is another matter. */
static int find_criu(const Container *container) {
        _cleanup_free_ char *program = NULL;

        return runtime_find(container->runtime, &program) < 0
                       ? 0
                       : runtime_can_checkpoint(program, confinement_has_label(container));
}

/* What was found */

static int print_json(const Table *table) {
        return table_write(table, &(TableStyle) { .json = true }, stdout);
}

static int print_list(const Sources *sources, bool json) {
        enum { FILE_PATH, KIND, NAME };
        static const Column columns[] = { [FILE_PATH] = { .member = "file" },
                                          [KIND] = { .member = "kind" },
                                          [NAME] = { .member = "name" } };
        _cleanup_table_ Table table = TABLE_INIT(columns);

        for (size_t i = 0; i < sources->count; i++) {
                const Source *source = &sources->items[i];

                if (source->masked)
                        continue;
                if (!json)
                        output_line(source->path);
                table_begin_row(&table);
                table_set_text(&table, FILE_PATH, source->path);
                table_set_text(&table, KIND, file_type_name(source->type));
                table_set_text(&table, NAME, source->stem);
        }
        return json ? print_json(&table) : 0;
}

static int print_lines(const Diagnostics *diagnostics) {
        for (size_t i = 0; i < diagnostics->count; i++) {
                _cleanup_free_ char *line = NULL;
                int r = diagnostic_format(&diagnostics->items[i], &line);

                if (r < 0)
                        return r;
                output_line(line);
        }
        return 0;
}

static int print_diagnostics(const Diagnostics *diagnostics) {
        enum { FILE_PATH, LINE, COLUMN, SEVERITY, MESSAGE };
        static const Column columns[] = { [FILE_PATH] = { .member = "file" },
                                          [LINE] = { .member = "line" },
                                          [COLUMN] = { .member = "column" },
                                          [SEVERITY] = { .member = "severity" },
                                          [MESSAGE] = { .member = "message" } };
        _cleanup_table_ Table table = TABLE_INIT(columns);

        for (size_t i = 0; i < diagnostics->count; i++) {
                const Diagnostic *diagnostic = &diagnostics->items[i];

                table_begin_row(&table);
                table_set_text(&table, FILE_PATH, diagnostic->file);
                table_set_number(&table, LINE, diagnostic->line);
                table_set_number(&table, COLUMN, diagnostic->column);
                table_set_text(&table, SEVERITY, diagnostic->severity == SEVERITY_ERROR ? "error" : "warning");
                table_set_text(&table, MESSAGE, diagnostic->message);
        }
        return print_json(&table);
}

static int check_sources(Check *check, const Sources *sources, bool json) {
        int r = 0;

        if (check->plan.scope == SCOPE_USER && search_path_is_of_machine())
                r = find_controllers(check);
        if (search_path_is_of_machine())
                check->plan.find_criu = find_criu;
        for (size_t i = 0; i < sources->count && r >= 0; i++)
                r = unit_plan_add(&check->plan, &sources->items[i]);
        if (r < 0)
                return r;
        diagnostics_sort(&check->plan.diagnostics);
        return json ? print_diagnostics(&check->plan.diagnostics) : print_lines(&check->plan.diagnostics);
}

enum { OPTION_JSON, OPTION_LIST, OPTION_USER };

static int run(const Call *call) {
        const Scope scope = call->values[OPTION_USER] ? SCOPE_USER : SCOPE_SYSTEM;
        _cleanup_(check_done) Check check = { .plan = { .scope = scope, .judge_templates = true, .advise = true } };
        const Sources *sources;
        int r;

        r = places_choose(scope);
        if (r >= 0)
                r = choose_sources(&check, call->arguments, &sources);
        if (r >= 0 && call->values[OPTION_LIST]) {
                log_diagnostics(&check.plan.diagnostics);
                r = print_list(sources, call->values[OPTION_JSON]);
        } else if (r >= 0)
                r = check_sources(&check, sources, call->values[OPTION_JSON]);
        if (r < 0) {
                log_error_errno(r, "Failed to check the files: %m");
                return EXIT_FAILURE;
        }
        return check.plan.diagnostics.errors > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_check = {
        .name = "check",
        .synopsis = "[OPTION…] [FILE|DIRECTORY|NAME]…",
        .summary = "Report everything that is wrong in the files",
        .help = "Report everything that is wrong in the files, or in all files of the search path.",
        .notes = "The exit status is 1 when there are errors.",
        .options = (const Option[]) {
                [OPTION_JSON] = { .name = "json", .help = "Print a JSON array of objects instead of lines" },
                [OPTION_LIST] = { .name = "list", .help = "Check nothing, print which files would be" },
                [OPTION_USER] = { .name = "user", .help = "Look where a user's service manager does" },
                {},
        },
        .most = ANY_NUMBER,
        .whoever_runs_it = true,
        .run = run,
};
