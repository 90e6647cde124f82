/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a name to the value of its file. */
#include "kind/load.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"
#include "kind/kinds.h"
#include "source/places.h"

/* "there is no wbe.container in /etc/berth, /run/berth …; did you mean web.container?" */
static int report_missing(FileType type, const char *stem, Diagnostics *diagnostics) {
        const char *ending = file_type_name(type), *nearest;
        _cleanup_string_list_ StringList search_path = {};
        _cleanup_sources_ Sources sources = {};
        _cleanup_text_ Text places = {};
        int r;

        r = search_path_get(places_scope(), &search_path);
        if (r < 0)
                return r;
        for (size_t i = 0; i < search_path.count; i++)
                text_appendf(&places, "%s%s", i > 0 ? ", " : "", search_path.items[i]);
        if (places.failed)
                return -ENOMEM;
        r = sources_scan(&search_path, &sources, NULL);
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

static int not_supported(const Source *source, Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, &(Location) { .file = source->path }, ".%s files are not supported yet",
                              file_type_name(source->type));
}

int kind_read(const Source *source, const SpecifierContext *machine, Diagnostics *diagnostics, void **ret) {
        _cleanup_free_ char *unit_name = NULL, *path = NULL;
        const Kind *kind = kind_get(source->type);
        _cleanup_unit_file_ UnitFile unit = {};
        size_t errors = diagnostics->errors;
        SpecifierContext context = *machine;
        int r;

        if (!kind)
                return not_supported(source, diagnostics);
        r = source_read(source, &unit, diagnostics);
        if (r >= 0)
                r = unit_name_for(source->type, source->stem, &unit_name);
        if (r == -EINVAL)
                return diagnose_error(diagnostics, &(Location) { .file = source->path },
                                      "the name is too long for a unit");
        if (r >= 0)
                r = source_absolute_path(source->path, &path);
        if (r < 0)
                return r;
        context.stem = source->stem;
        context.unit_name = unit_name;
        context.path = path;
        context.starting = true;
        r = kind->load(&unit, &context, diagnostics, ret);
        if (r < 0)
                return r;
        kind->check(*ret, diagnostics);
        kind->check_supported(*ret, diagnostics);
        return diagnostics->errors > errors ? -EREPORTED : 0;
}

int kind_look_up(FileType type, const char *stem, const StringList *environment, Diagnostics *diagnostics, void **ret) {
        const SpecifierContext machine = { .scope = places_scope(), .environment = environment };
        _cleanup_source_ Source source = {};
        void *object = NULL;
        int r = source_find_scope(machine.scope, type, stem, &source);

        if (r < 0)
                return r;
        if (source.masked)
                return diagnose_error(diagnostics, &(Location) { .file = source.path }, "the file is masked");
        r = kind_read(&source, &machine, diagnostics, &object);
        if (r >= 0)
                *ret = object;
        else if (object)
                kind_get(type)->free(object);
        return r;
}

int kind_find(FileType type, const char *stem, const StringList *environment, Diagnostics *diagnostics, void **ret) {
        int r = kind_look_up(type, stem, environment, diagnostics, ret);

        return r == -ENOENT ? report_missing(type, stem, diagnostics) : r;
}
