/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth check: everything that is wrong in the files. */
#include "berth/check.h"

#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "basic/text.h"
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

enum { EXIT_USAGE = 2 };

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

static int usage(FILE *stream) {
        fputs("Usage: berth check [OPTION…] [FILE|NAME]…\n\n"
              "Report everything that is wrong in the files, or in all files of the search path.\n\n"
              "Options:\n"
              "  --json  Print a JSON array of objects instead of lines\n"
              "  --list  Check nothing, print which files would be\n"
              "  --user  Look where a user's service manager does\n"
              "  --help  Show this text\n\n"
              "The exit status is 1 when there are errors.\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
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
                source.masked = source_file_state(dirfd(directory), entry->d_name) == STATE_MASKED;
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
                r = quadlet_services_adopt(&unit, check->scope, &check->all, &check->diagnostics);
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

/* With `list`, only says which files. */
static int check_all(Check *check, char **arguments, bool list) {
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        const Sources *chosen = *arguments ? &check->named : &check->all;
        int r;

        r = search_path_get(check->scope, &check->search_path);
        if (r >= 0)
                r = sources_scan(&check->search_path, &check->all, *arguments ? &elsewhere : &check->diagnostics);
        for (; *arguments && r >= 0; arguments++)
                r = add_argument(check, *arguments);
        for (size_t i = 0; i < chosen->count && r >= 0; i++)
                if (!list)
                        r = check_source(check, &chosen->items[i]);
                else if (!chosen->items[i].masked)
                        puts(chosen->items[i].path);
        return r;
}

/* What was found */

static int print_lines(const Diagnostics *diagnostics) {
        for (size_t i = 0; i < diagnostics->count; i++) {
                _cleanup_free_ char *line = NULL;
                int r = diagnostic_format(&diagnostics->items[i], &line);

                if (r < 0)
                        return r;
                puts(line);
        }
        return 0;
}

static json_object *diagnostic_to_json(const Diagnostic *diagnostic) {
        json_object *object = json_object_new_object();

        if (!object)
                return NULL;
        json_object_object_add(object, "file", diagnostic->file ? json_object_new_string(diagnostic->file) : NULL);
        json_object_object_add(object, "line", json_object_new_int64(diagnostic->line));
        json_object_object_add(object, "column", json_object_new_int64(diagnostic->column));
        json_object_object_add(object, "severity",
                               json_object_new_string(diagnostic->severity == SEVERITY_ERROR ? "error" : "warning"));
        json_object_object_add(object, "message", json_object_new_string(diagnostic->message));
        return object;
}

static int print_json(const Diagnostics *diagnostics) {
        json_object *array = json_object_new_array();
        const char *text = NULL;

        for (size_t i = 0; array && i < diagnostics->count; i++)
                json_object_array_add(array, diagnostic_to_json(&diagnostics->items[i]));
        if (array)
                text = json_object_to_json_string_ext(array, JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_PRETTY);
        if (text)
                puts(text);
        json_object_put(array);
        return text ? 0 : -ENOMEM;
}

int verb_check(int argc, char **argv) {
        enum { OPTION_JSON = 0x100, OPTION_LIST, OPTION_USER, OPTION_HELP };
        static const struct option options[] = {
                { "json", no_argument, NULL, OPTION_JSON }, { "list", no_argument, NULL, OPTION_LIST },
                { "user", no_argument, NULL, OPTION_USER }, { "help", no_argument, NULL, OPTION_HELP }, {},
        };
        _cleanup_(check_done) Check check = { .scope = SCOPE_SYSTEM };
        bool json = false, list = false;
        int option, r;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case OPTION_JSON:
                        json = true;
                        break;
                case OPTION_LIST:
                        list = true;
                        break;
                case OPTION_USER:
                        check.scope = SCOPE_USER;
                        break;
                case OPTION_HELP:
                        return usage(stdout);
                default:
                        return usage(stderr);
                }
        r = check_all(&check, argv + optind, list);
        if (r >= 0) {
                diagnostics_sort(&check.diagnostics);
                r = json ? print_json(&check.diagnostics) : print_lines(&check.diagnostics);
        }
        if (r < 0) {
                log_error_errno(r, "Failed to check the files: %m");
                return EXIT_FAILURE;
        }
        return check.diagnostics.errors > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
