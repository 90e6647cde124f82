/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth-generator: at boot and at daemon-reload, turns the .container files into drop-ins for
 * container@.service (systemd.generator(7)). A bad file is reported and stops nothing else. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "generators/unit-writer.h"
#include "source/enabled-instances.h"
#include "unit/kept-drop-in.h"
#include "unit/pull-units.h"
#include "unit/unit-plan.h"

/* The end of what is generated from: more than anybody has. Boot waits for the generator,
 * whatever it finds; see also unit-plan.c and source-walk.h. */
enum { INSTANCES_MAX = 4000 };

typedef struct Arguments {
        bool dry_run;
        Scope scope;
        const char *directory, *late_directory; /* for units; systemd's "normal" and "late" ones */
} Arguments;

/* The instances that have no file of their own. Building one may name further ones, and each of
 * those, too. */
static int add_instances(UnitPlan *plan) {
        size_t made = 0;

        for (size_t i = 0; i < plan->instances.count; i++) {
                _cleanup_free_ char *stem = NULL;
                const Source *source;
                FileType type;
                int r;

                r = file_name_parse(plan->instances.items[i], &type, &stem);
                if (r < 0 || sources_find(&plan->sources, type, stem)) {
                        if (r == -ENOMEM)
                                return r;
                        continue;
                }
                r = sources_add_instance(&plan->sources, &plan->search_path, type, stem, &source);
                if (r == -ENOENT)
                        continue;
                if (r >= 0 && ++made > INSTANCES_MAX) {
                        diagnose_error(&plan->diagnostics, &(Location) { .file = source->path },
                                       "there are more than 4000 instances of templates: \"%s\" and the rest are "
                                       "ignored",
                                       stem);
                        return 0;
                }
                if (r >= 0)
                        r = unit_plan_add(plan, source);
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool has_template(const Sources *sources) {
        for (size_t i = 0; i < sources->count; i++)
                if (stem_is_template(sources->items[i].stem))
                        return true;
        return false;
}

/* `writer` may be NULL. */
static int make_plan(UnitPlan *plan, UnitWriter *writer) {
        enum { FILES_AT_ONCE = 16 };
        int r;

        r = search_path_get(plan->scope, &plan->search_path);
        if (r >= 0)
                r = sources_scan(&plan->search_path, &plan->sources, &plan->diagnostics);
        if (r >= 0 && has_template(&plan->sources))
                r = enabled_instances_get(plan->scope, &plan->instances);
        if (r >= 0)
                r = kept_drop_ins_add(&plan->sources, &plan->instances, &plan->outputs);
        for (size_t i = 0; r >= 0 && i < plan->sources.count; i++) {
                r = unit_plan_add(plan, &plan->sources.items[i]);
                if (r >= 0 && writer && i % FILES_AT_ONCE == 0)
                        r = unit_writer_add(writer, &plan->outputs);
        }
        if (r >= 0)
                r = add_instances(plan);
        if (r >= 0)
                r = unit_pull_add_outputs(&plan->outputs);
        if (r >= 0 && writer)
                r = unit_writer_add(writer, &plan->outputs);
        return r;
}

static void print_outputs(const UnitOutputs *outputs) {
        for (size_t i = 0; i < outputs->count; i++) {
                const UnitOutput *output = &outputs->items[i];
                const char *late = output->late ? " (late)" : "";

                if (output->link)
                        printf("link %s -> %s%s\n", output->path, output->content, late);
                else
                        printf("# %s%s\n%s\n", output->path, late, output->content);
        }
}

static int run(const Arguments *arguments) {
        _cleanup_unit_plan_ UnitPlan plan = { .scope = arguments->scope };
        _cleanup_unit_writer_ UnitWriter writer = UNIT_WRITER_INIT;
        int r = 0, written = 0;

        if (!arguments->dry_run)
                r = unit_writer_open(&writer, arguments->directory, arguments->late_directory);
        if (r < 0)
                return r;
        r = places_choose(arguments->scope);
        if (r >= 0)
                r = make_plan(&plan, arguments->dry_run ? NULL : &writer);
        log_diagnostics(&plan.diagnostics);
        if (!arguments->dry_run)
                written = unit_writer_finish(&writer);
        if (r < 0)
                return log_error_errno(r, "Failed to generate units: %m");
        if (!arguments->dry_run)
                return written;
        unit_outputs_sort(&plan.outputs);
        print_outputs(&plan.outputs);
        return fflush(stdout) == 0 ? 0 : log_error_errno(-errno, "Failed to print: %m");
}

/* systemd 251 and later say whom they are; before, only the directory that the generator is in
 * tells. */
static Scope detect_scope(const char *program) {
        const char *scope = getenv("SYSTEMD_SCOPE");

        if (scope)
                return streq(scope, "user") ? SCOPE_USER : SCOPE_SYSTEM;
        return strstr(program, "/user-generators/") ? SCOPE_USER : SCOPE_SYSTEM;
}

static void print_help(void) {
        puts("berth-generator NORMAL-DIRECTORY EARLY-DIRECTORY LATE-DIRECTORY\n"
             "berth-generator --dry-run [--user]\n\n"
             "Makes systemd units from .container files. systemd runs it at boot and at\n"
             "daemon-reload.\n\n"
             "  --dry-run  Print all files and links instead of writing them\n"
             "  --user     For a user's service manager\n"
             "  --help     Show this text\n"
             "  --version  Show the version\n\n"
             "See berth-generator(8).");
}

/* Returns 1 when there is something to do, 0 when it is done, -EINVAL after a message. */
static int parse_arguments(int argc, char *argv[], Arguments *ret) {
        enum { OPTION_DRY_RUN = 256, OPTION_USER, OPTION_HELP, OPTION_VERSION };
        static const struct option options[] = {
                { "dry-run", no_argument, NULL, OPTION_DRY_RUN },
                { "user", no_argument, NULL, OPTION_USER },
                { "help", no_argument, NULL, OPTION_HELP },
                { "version", no_argument, NULL, OPTION_VERSION },
                {},
        };
        Arguments arguments = { .scope = detect_scope(argv[0]) };
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case OPTION_DRY_RUN:
                        arguments.dry_run = true;
                        break;
                case OPTION_USER:
                        arguments.scope = SCOPE_USER;
                        break;
                case OPTION_HELP:
                        print_help();
                        return 0;
                case OPTION_VERSION:
                        puts("berth " BERTH_VERSION);
                        return 0;
                default:
                        return -EINVAL;
                }
        if (argc - optind != (arguments.dry_run ? 0 : 3)) {
                log_error("%s", arguments.dry_run ? "--dry-run takes no arguments"
                                                  : "three directories are needed, see --help");
                return -EINVAL;
        }
        arguments.directory = argv[optind];
        arguments.late_directory = arguments.dry_run ? NULL : argv[optind + 2];
        *ret = arguments;
        return 1;
}

int main(int argc, char *argv[]) {
        Arguments arguments;
        int r;

        /* The journal that messages may go to can be restarted. */
        signal(SIGPIPE, SIG_IGN);
        log_open_generator("berth-generator");
        r = parse_arguments(argc, argv, &arguments);
        if (r > 0)
                r = run(&arguments);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
