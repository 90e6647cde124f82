/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a unit's name to its Container. */
#include "load.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"

/* "No web.container in /etc/berth, /run/berth …" */
static int report_missing(const char *stem, const StringList *search_path, Diagnostics *diagnostics) {
        _cleanup_text_ Text places = {};

        for (size_t i = 0; i < search_path->count; i++)
                text_appendf(&places, "%s%s", i > 0 ? ", " : "", search_path->items[i]);
        if (places.failed)
                return -ENOMEM;
        diagnose_error(diagnostics, NULL, "there is no %s.container in %s", stem, places.data ? places.data : "an empty search path");
        return -ENOENT;
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

int container_read(const Source *source, Scope scope, SpecifierLookup lookup, void *userdata, Diagnostics *diagnostics, Container **ret) {
        _cleanup_free_ char *unit_name = NULL, *path = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        SpecifierContext context;
        int r;

        r = source_read(source, &unit, diagnostics);
        if (r >= 0)
                r = unit_name_for(FILE_CONTAINER, source->stem, &unit_name);
        if (r >= 0)
                r = source_absolute_path(source->path, &path);
        if (r < 0)
                return r;
        context = (SpecifierContext) {
                .stem = source->stem,
                .unit_name = unit_name,
                .path = path,
                .scope = scope,
                .lookup = lookup,
                .userdata = userdata,
        };
        r = container_load(&unit, &context, diagnostics, ret);
        if (r < 0)
                return r;
        container_check(*ret, diagnostics);
        container_check_supported(*ret, diagnostics);
        return diagnostics->errors > 0 ? -EINVAL : 0;
}

int container_find(const char *stem, Scope scope, Diagnostics *diagnostics, Container **ret) {
        _cleanup_string_list_ StringList search_path = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_source_ Source source = {};
        int r;

        r = search_path_get(scope, &search_path);
        if (r < 0)
                return r;
        r = source_find(&search_path, FILE_CONTAINER, stem, &source);
        if (r == -ENOENT)
                return report_missing(stem, &search_path, diagnostics);
        if (r < 0)
                return r;
        if (source.masked)
                return diagnose_error(diagnostics, &(Location) { .file = source.path }, "the file is masked");
        r = container_read(&source, scope, NULL, NULL, diagnostics, &container);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(container);
        return 0;
}
