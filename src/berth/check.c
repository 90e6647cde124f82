/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth check: everything that is wrong in the files. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/output.h"
#include "kind/container/container-advice.h"
#include "kind/container/container-load.h"
#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/load.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/references.h"
#include "kind/volume.h"
#include "source/quadlet-services.h"
#include "source/source-walk.h"
#include "unit/unit-text.h"

typedef struct Check {
        Scope scope;
        StringList search_path;
        Sources all;         /* what references may be to */
        Sources named;       /* the files of the command line, in its order */
        StringList paths;    /* absolute ones of the files that were checked; the outputs borrow them */
        UnitOutputs outputs; /* what the generator would make: two files may want the same name */
        Diagnostics diagnostics;
} Check;

static void check_done(Check *check) {
        string_list_done(&check->search_path);
        sources_done(&check->all);
        sources_done(&check->named);
        unit_outputs_done(&check->outputs);
        string_list_done(&check->paths);
        diagnostics_done(&check->diagnostics);
}

/* Which files there are */

static int compare_sources(const void *x, const void *y) {
        const Source *a = x, *b = y;

        return a->type != b->type ? (a->type > b->type) - (a->type < b->type) : strcmp(a->stem, b->stem);
}

static int append_source(Sources *sources, Source *source) {
        int r = ARRAY_RESERVE(sources->items, sources->allocated, sources->count + 1);

        if (r < 0)
                return r;
        sources->items[sources->count++] = *source;
        *source = (Source) {};
        return 0;
}

/* Puts the directory's files that the search path does not have into `siblings`. */
static int find_siblings(const Sources *sources, const char *path, Sources *siblings) {
        _cleanup_closedir_ DIR *directory = opendir(path);
        struct dirent *entry;

        while (directory && (entry = readdir(directory))) {
                _cleanup_source_ Source source = {};
                int r;

                r = file_name_parse(entry->d_name, &source.type, &source.stem);
                if (r == -ENOMEM)
                        return r;
                if (r < 0 || sources_find(sources, source.type, source.stem))
                        continue;
                source.masked = source_is_masked(source.type,
                                                 (FileState) source_file_state(dirfd(directory), entry->d_name));
                source.named = true; /* by being beside it */
                source.path = path_join(path, entry->d_name);
                r = source.path ? append_source(siblings, &source) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A file outside of the search path may refer to those beside it. */
static int add_siblings(Check *check, const char *path) {
        _cleanup_free_ char *directory = path_dirname(path);
        _cleanup_sources_ Sources siblings = {};
        int r;

        r = directory ? find_siblings(&check->all, directory, &siblings) : -ENOMEM;
        for (size_t i = 0; i < siblings.count && r >= 0; i++)
                r = append_source(&check->all, &siblings.items[i]);
        if (check->all.count > 1)
                qsort(check->all.items, check->all.count, sizeof(Source), compare_sources);
        return r;
}

static int add_file(Check *check, const char *path) {
        _cleanup_source_ Source source = {};
        int r;

        r = source_from_path(path, &source);
        if (r == -ENOMEM)
                return r;
        if (r == -EINVAL) {
                diagnose_error(&check->diagnostics, &(Location) { .file = path },
                               "not a file of berth's: its name must end with .container, .volume …");
                return 0;
        }
        if (r < 0) {
                diagnose_error(&check->diagnostics, &(Location) { .file = path }, "cannot be read: %s", strerror(-r));
                return 0;
        }
        r = add_siblings(check, path);
        return r < 0 ? r : append_source(&check->named, &source);
}

static int add_name(Check *check, const char *name) {
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *stem = NULL;
        FileType type = FILE_CONTAINER;
        const char *ending, *nearest;
        int r;

        r = file_name_parse(name, &type, &stem);
        if (r == -ENOMEM)
                return r;
        r = source_find(&check->search_path, type, stem ? stem : name, &source);
        if (r == -ENOENT) {
                ending = file_type_name(type);
                nearest = sources_find_nearest(&check->all, type, stem ? stem : name);
                diagnose_error(&check->diagnostics, NULL,
                               nearest ? "there is no %s.%s in the search path; did you mean %s.%s?"
                                       : "there is no %s.%s in the search path",
                               stem ? stem : name, ending, nearest, ending);
                return 0;
        }
        return r < 0 ? r : append_source(&check->named, &source);
}

/* "web.container" is a file here when there is one, else a name to be searched for. */
static int add_argument(Check *check, const char *argument) {
        _cleanup_free_ char *stem = NULL;
        FileType type;

        if (strchr(argument, '/') || (access(argument, F_OK) >= 0 && file_name_parse(argument, &type, &stem) >= 0))
                return add_file(check, argument);
        return add_name(check, argument);
}

/* What is wrong with one */

/* The stem that a template is checked as: that of its default instance, else of some instance. */
static int stem_to_check(const Source *source, const UnitFile *unit, char **ret) {
        const char *instance = stem_is_template(source->stem) ? "instance" : "";
        _cleanup_free_ char *stem = NULL;

        for (size_t i = 0; i < unit->count && *instance; i++)
                if (streq(unit->entries[i].section, "Install") && streq(unit->entries[i].key, "DefaultInstance") &&
                    *unit->entries[i].value)
                        instance = unit->entries[i].value;
        stem = text_format("%s%s", source->stem, instance);
        if (stem && !stem_is_valid(stem)) {
                free(stem);
                stem = text_format("%sinstance", source->stem);
        }
        if (!stem)
                return -ENOMEM;
        *ret = TAKE_PTR(stem);
        return 0;
}

static int check_container(Check *check, UnitFile *unit, const SpecifierContext *context) {
        _cleanup_string_list_ StringList instances = {};
        _cleanup_container_ Container *container = NULL;
        int r;

        r = container_load(unit, context, &check->diagnostics, &container);
        if (r < 0)
                return r;
        container_check(container, &check->diagnostics);
        container_check_references(container, &check->all, &check->diagnostics);
        container_check_supported(container, &check->diagnostics);
        r = container_advise(container, &check->search_path, &check->diagnostics);
        if (r < 0)
                return r;
        return unit_text_build(container, context, &check->search_path, &instances, &check->diagnostics,
                               &check->outputs);
}

static int check_volume(Check *check, UnitFile *unit, const SpecifierContext *context) {
        _cleanup_string_list_ StringList instances = {};
        _cleanup_volume_ Volume *volume = NULL;
        int r = volume_load(unit, context, &check->diagnostics, &volume);

        if (r < 0)
                return r;
        volume_check_references(volume, &check->all, &check->diagnostics);
        return unit_text_build_volume(volume, context, &instances, &check->diagnostics, &check->outputs);
}

static int check_image(Check *check, UnitFile *unit, const SpecifierContext *context) {
        _cleanup_string_list_ StringList instances = {};
        _cleanup_image_ Image *image = NULL;
        int r;

        r = image_load(unit, context, &check->diagnostics, &image);
        if (r < 0)
                return r;
        image_check_references(image, &check->all, &check->diagnostics);
        return unit_text_build_image(image, context, &instances, &check->diagnostics, &check->outputs);
}

static int check_unit(Check *check, FileType type, UnitFile *unit, const SpecifierContext *context) {
        _cleanup_network_ Network *network = NULL;
        _cleanup_pod_ Pod *pod = NULL;

        switch (type) {
        case FILE_CONTAINER:
                return check_container(check, unit, context);
        case FILE_VOLUME:
                return check_volume(check, unit, context);
        case FILE_NETWORK:
                return network_load(unit, context, &check->diagnostics, &network);
        case FILE_IMAGE:
                return check_image(check, unit, context);
        case FILE_POD:
                return pod_load(unit, context, &check->diagnostics, &pod);
        default:
                return 0;
        }
}

static int check_source(Check *check, const Source *source) {
        const Location where = { .file = source->path };
        _cleanup_free_ char *stem = NULL, *unit_name = NULL, *path = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        SpecifierContext context;
        int r;

        if (source->masked)
                return 0;
        if (source->type != FILE_CONTAINER && source->type != FILE_IMAGE && source->type != FILE_VOLUME)
                diagnose_error(&check->diagnostics, &where, ".%s files are not supported yet",
                               file_type_name(source->type));
        r = source_read(source, &unit, &check->diagnostics);
        if (r >= 0)
                r = quadlet_services_adopt(&unit, check->scope, &check->all);
        if (r >= 0)
                r = stem_to_check(source, &unit, &stem);
        if (r >= 0)
                r = source_absolute_path(source->path, &path);
        if (r >= 0)
                r = string_list_add(&check->paths, path);
        if (r < 0)
                return r;
        r = unit_name_for(source->type, stem, &unit_name);
        if (r == -EINVAL) {
                diagnose_error(&check->diagnostics, &where, "the name is too long for a unit");
                return 0;
        }
        if (r < 0)
                return r;
        context = (SpecifierContext) {
                .stem = stem,
                .unit_name = unit_name,
                .path = check->paths.items[check->paths.count - 1],
                .scope = check->scope,
        };
        return check_unit(check, source->type, &unit, &context);
}

/* Finds the files of the arguments, or all. Returns those that are to be checked, borrowed, or
 * NULL. */
static int choose_sources(Check *check, char **arguments, const Sources **ret) {
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        int r;

        *ret = *arguments ? &check->named : &check->all;
        r = search_path_get(check->scope, &check->search_path);
        if (r >= 0)
                r = sources_scan(&check->search_path, &check->all, *arguments ? &elsewhere : &check->diagnostics);
        for (; *arguments && r >= 0; arguments++)
                r = add_argument(check, *arguments);
        return r;
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

        for (size_t i = 0; i < sources->count && r >= 0; i++)
                r = check_source(check, &sources->items[i]);
        if (r < 0)
                return r;
        diagnostics_sort(&check->diagnostics);
        return json ? print_diagnostics(&check->diagnostics) : print_lines(&check->diagnostics);
}

enum { OPTION_JSON, OPTION_LIST, OPTION_USER };

static int run(const Call *call) {
        _cleanup_(check_done) Check check = { .scope = call->values[OPTION_USER] ? SCOPE_USER : SCOPE_SYSTEM };
        const Sources *sources;
        int r;

        r = choose_sources(&check, call->arguments, &sources);
        if (r >= 0 && call->values[OPTION_LIST]) {
                log_diagnostics(&check.diagnostics);
                r = print_list(sources, call->values[OPTION_JSON]);
        } else if (r >= 0)
                r = check_sources(&check, sources, call->values[OPTION_JSON]);
        if (r < 0) {
                log_error_errno(r, "Failed to check the files: %m");
                return EXIT_FAILURE;
        }
        return check.diagnostics.errors > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_check = {
        .name = "check",
        .synopsis = "[OPTION…] [FILE|NAME]…",
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
        .run = run,
};
