/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a unit's name to its Container. */
#include "kind/load.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"
#include "kind/container/container-load.h"

/* "there is no wbe.container in /etc/berth, /run/berth …; did you mean web.container?" */
static int report_missing(FileType type, const char *stem, const StringList *search_path, Diagnostics *diagnostics) {
        const char *ending = file_type_name(type), *nearest;
        _cleanup_sources_ Sources sources = {};
        _cleanup_text_ Text places = {};
        int r;

        for (size_t i = 0; i < search_path->count; i++)
                text_appendf(&places, "%s%s", i > 0 ? ", " : "", search_path->items[i]);
        if (places.failed)
                return -ENOMEM;
        r = sources_scan(search_path, &sources, NULL);
        if (r < 0)
                return r;
        nearest = sources_find_nearest(&sources, type, stem);
        diagnose_error(diagnostics, NULL,
                       nearest ? "there is no %s.%s in %s; did you mean %s.%s?" : "there is no %s.%s in %s", stem,
                       ending, places.data ? places.data : "an empty search path", nearest, ending);
        return -EREPORTED;
}

int source_absolute_path(const char *path, char **ret) {
        _cleanup_free_ char *directory = NULL, *real = NULL;
        char *joined;

        if (*path == '/') {
                *ret = strdup(path);
                return *ret ? 0 : -ENOMEM;
        }
        directory = path_dirname(path);
        if (!directory)
                return -ENOMEM;
        real = realpath(directory, NULL);
        if (!real)
                return -errno;
        joined = path_join(real, path_basename(path));
        if (!joined)
                return -ENOMEM;
        *ret = joined;
        return 0;
}

/* Reads the file; `context` borrows from `source`, `unit_name` and `path`. */
static int read_source(const Source *source, Scope scope, UnitFile *unit, char **unit_name, char **path,
                       SpecifierContext *context, Diagnostics *diagnostics) {
        int r;

        r = source_read(source, unit, diagnostics);
        if (r >= 0)
                r = unit_name_for(source->type, source->stem, unit_name);
        if (r >= 0)
                r = source_absolute_path(source->path, path);
        if (r < 0)
                return r;
        *context = (SpecifierContext) {
                .stem = source->stem, .unit_name = *unit_name, .path = *path, .scope = scope, .starting = true
        };
        return 0;
}

/* `machine` has the members of a SpecifierContext that are not the file's. */
static int read_container(const Source *source, const SpecifierContext *machine, Diagnostics *diagnostics,
                          Container **ret) {
        _cleanup_free_ char *unit_name = NULL, *path = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        SpecifierContext context;
        int r;

        r = read_source(source, machine->scope, &unit, &unit_name, &path, &context, diagnostics);
        if (r < 0)
                return r;
        context.environment = machine->environment;
        context.lookup = machine->lookup;
        context.userdata = machine->userdata;
        r = container_load(&unit, &context, diagnostics, ret);
        if (r < 0)
                return r;
        container_check(*ret, diagnostics);
        container_check_supported(*ret, diagnostics);
        return diagnostics->errors > 0 ? -EREPORTED : 0;
}

int container_read(const Source *source, Scope scope, SpecifierLookup lookup, void *userdata, Diagnostics *diagnostics,
                   Container **ret) {
        const SpecifierContext machine = { .scope = scope, .lookup = lookup, .userdata = userdata };

        return read_container(source, &machine, diagnostics, ret);
}

static int find_source(FileType type, const char *stem, Scope scope, Diagnostics *diagnostics, Source *ret) {
        _cleanup_string_list_ StringList search_path = {};
        int r;

        r = search_path_get(scope, &search_path);
        if (r < 0)
                return r;
        r = source_find(&search_path, type, stem, ret);
        if (r == -ENOENT)
                return report_missing(type, stem, &search_path, diagnostics);
        if (r < 0)
                return r;
        return ret->masked ? diagnose_error(diagnostics, &(Location) { .file = ret->path }, "the file is masked") : 0;
}

int container_find(const char *stem, Scope scope, const StringList *environment, Diagnostics *diagnostics,
                   Container **ret) {
        const SpecifierContext machine = { .scope = scope, .environment = environment };
        _cleanup_container_ Container *container = NULL;
        _cleanup_source_ Source source = {};
        int r;

        r = find_source(FILE_CONTAINER, stem, scope, diagnostics, &source);
        if (r < 0)
                return r;
        r = read_container(&source, &machine, diagnostics, &container);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(container);
        return 0;
}

int image_find(const char *stem, Scope scope, Diagnostics *diagnostics, Image **ret) {
        _cleanup_free_ char *unit_name = NULL, *path = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_image_ Image *image = NULL;
        _cleanup_source_ Source source = {};
        SpecifierContext context;
        int r;

        r = find_source(FILE_IMAGE, stem, scope, diagnostics, &source);
        if (r >= 0)
                r = read_source(&source, scope, &unit, &unit_name, &path, &context, diagnostics);
        if (r >= 0)
                r = image_load(&unit, &context, diagnostics, &image);
        if (r < 0)
                return r;
        if (diagnostics->errors > 0)
                return -EREPORTED;
        *ret = TAKE_PTR(image);
        return 0;
}
