/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth-generator: at boot and at daemon-reload, turns the .container files into drop-ins for
 * container@.service (systemd.generator(7)). All is planned first and written last; a bad file is
 * reported and stops nothing else. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "generators/unit-writer.h"
#include "kind/container/container-load.h"
#include "kind/references.h"
#include "source/enabled-instances.h"
#include "source/quadlet-services.h"
#include "unit/pull-units.h"
#include "unit/unit-text.h"

/* The end of what is generated from: more than anybody has. Boot waits for the generator, whatever
 * it finds; see also source-walk.h. */
enum {
        INSTANCES_MAX = 4000,
        BYTES_MAX = 32 * 1024 * 1024, /* of values in all files and drop-ins, as often as they are read */
};

typedef struct Arguments {
        bool dry_run;
        Scope scope;
        const char *directory, *late_directory; /* for units; systemd's "normal" and "late" ones */
} Arguments;

typedef struct Generator {
        Scope scope;
        StringList search_path;
        Sources sources;
        StringList instances; /* of templates, "web@a.container": enabled, default, or referred to */
        UnitOutputs outputs;
        Diagnostics diagnostics;
        size_t bytes; /* of what was read */
} Generator;

static void generator_done(Generator *generator) {
        unit_outputs_done(&generator->outputs);
        string_list_done(&generator->instances);
        sources_done(&generator->sources);
        string_list_done(&generator->search_path);
        diagnostics_done(&generator->diagnostics);
}

static int build_container(Generator *generator, UnitFile *unit, const SpecifierContext *context,
                           Diagnostics *diagnostics) {
        _cleanup_container_ Container *container = NULL;
        int r;

        r = container_load(unit, context, diagnostics, &container);
        if (r < 0)
                return r;
        container_check(container, diagnostics);
        container_check_references(container, &generator->sources, diagnostics);
        return unit_text_build(container, context, &generator->search_path, &generator->instances, diagnostics,
                               &generator->outputs);
}

static int build_volume(Generator *generator, UnitFile *unit, const SpecifierContext *context,
                        Diagnostics *diagnostics) {
        _cleanup_volume_ Volume *volume = NULL;
        int r = volume_load(unit, context, diagnostics, &volume);

        if (r < 0)
                return r;
        volume_check_references(volume, &generator->sources, diagnostics);
        return unit_text_build_volume(volume, context, &generator->instances, diagnostics, &generator->outputs);
}

static int build_image(Generator *generator, UnitFile *unit, const SpecifierContext *context,
                       Diagnostics *diagnostics) {
        _cleanup_image_ Image *image = NULL;
        int r;

        r = image_load(unit, context, diagnostics, &image);
        if (r < 0)
                return r;
        image_check_references(image, &generator->sources, diagnostics);
        return unit_text_build_image(image, context, &generator->instances, diagnostics, &generator->outputs);
}

/* Whether what has been read is too much with this one. */
static bool too_much(Generator *generator, const UnitFile *unit, const char *path) {
        bool before = generator->bytes > BYTES_MAX;

        for (size_t i = 0; i < unit->count; i++)
                generator->bytes += strlen(unit->entries[i].value);
        if (generator->bytes <= BYTES_MAX)
                return false;
        if (!before)
                diagnose_error(&generator->diagnostics, &(Location) { .file = path },
                               "all files together are larger than 32 MiB: this one and the rest are ignored");
        return true;
}

typedef int (*Builder)(Generator *generator, UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics);

/* Reads one file and plans what it becomes. */
static int build_unit(Generator *generator, const Source *source, Builder build) {
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_diagnostics_ Diagnostics unused = {};
        _cleanup_free_ char *unit_name = NULL;
        /* What a template says is judged with an instance's name in place. */
        Diagnostics *diagnostics = stem_is_template(source->stem) ? &unused : &generator->diagnostics;
        SpecifierContext context;
        int r;

        r = unit_name_for(source->type, source->stem, &unit_name);
        if (r == -EINVAL) {
                diagnose_error(&generator->diagnostics, &(Location) { .file = source->path },
                               "the name is too long for a unit");
                return 0;
        }
        if (r < 0)
                return r;
        if (source->masked)
                return stem_is_template(source->stem) ? 0
                                                      : unit_text_mask(unit_name, source->path, &generator->outputs);

        r = generator->bytes > BYTES_MAX ? 0 : source_read(source, &unit, &generator->diagnostics);
        if (r >= 0 && too_much(generator, &unit, source->path))
                return 0;
        if (r >= 0)
                r = quadlet_services_adopt(&unit, generator->scope, &generator->sources);
        if (r < 0)
                return r;
        context = (SpecifierContext) {
                .stem = source->stem,
                .unit_name = unit_name,
                .path = source->path,
                .scope = generator->scope,
                .userdata = &generator->scope,
        };
        return build(generator, &unit, &context, diagnostics);
}

static int build_source(Generator *generator, const Source *source) {
        switch (source->type) {
        case FILE_CONTAINER:
                return build_unit(generator, source, build_container);
        case FILE_IMAGE:
                return build_unit(generator, source, build_image);
        case FILE_VOLUME:
                return build_unit(generator, source, build_volume);
        case FILE_KUBE:
        case FILE_BUILD:
        case FILE_ARTIFACT:
                if (!source->masked)
                        diagnose_error(&generator->diagnostics, &(Location) { .file = source->path },
                                       ".%s files are not supported yet", file_type_name(source->type));
                return 0;
        default:
                return 0;
        }
}

/* The instances that have no file of their own. Building one may name further ones, and each of
 * those, too. */
static int build_instances(Generator *generator) {
        size_t made = 0;

        for (size_t i = 0; i < generator->instances.count; i++) {
                _cleanup_free_ char *stem = NULL;
                const Source *source;
                FileType type;
                int r;

                r = file_name_parse(generator->instances.items[i], &type, &stem);
                if (r < 0 || sources_find(&generator->sources, type, stem)) {
                        if (r == -ENOMEM)
                                return r;
                        continue;
                }
                r = sources_add_instance(&generator->sources, &generator->search_path, type, stem, &source);
                if (r == -ENOENT)
                        continue;
                if (r >= 0 && ++made > INSTANCES_MAX) {
                        diagnose_error(&generator->diagnostics, &(Location) { .file = source->path },
                                       "there are more than 4000 instances of templates: \"%s\" and the rest are "
                                       "ignored",
                                       stem);
                        return 0;
                }
                if (r >= 0)
                        r = build_source(generator, source);
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

static int plan(Generator *generator) {
        int r;

        r = search_path_get(generator->scope, &generator->search_path);
        if (r >= 0)
                r = sources_scan(&generator->search_path, &generator->sources, &generator->diagnostics);
        if (r >= 0 && has_template(&generator->sources))
                r = enabled_instances_get(generator->scope, &generator->instances);
        for (size_t i = 0; r >= 0 && i < generator->sources.count; i++)
                r = build_source(generator, &generator->sources.items[i]);
        if (r >= 0)
                r = build_instances(generator);
        if (r >= 0)
                r = unit_pull_add_outputs(&generator->outputs);
        if (r < 0)
                return r;
        unit_outputs_sort(&generator->outputs);
        return 0;
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
        _cleanup_(generator_done) Generator generator = { .scope = arguments->scope };
        int r;

        r = places_choose(arguments->scope);
        if (r >= 0)
                r = plan(&generator);
        log_diagnostics(&generator.diagnostics);
        if (r < 0)
                return log_error_errno(r, "Failed to generate units: %m");
        if (!arguments->dry_run)
                return unit_outputs_write(&generator.outputs, arguments->directory, arguments->late_directory);
        print_outputs(&generator.outputs);
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
