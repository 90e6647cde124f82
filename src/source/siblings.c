/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files outside of the search path. */
#include "source/siblings.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "source/source-walk.h"

bool source_exists(const char *path) {
        return access(path, F_OK) >= 0;
}

bool source_is_directory(const char *path) {
        struct stat st;

        return stat(path, &st) >= 0 && S_ISDIR(st.st_mode);
}

static int compare_sources(const void *x, const void *y) {
        const Source *a = x, *b = y;

        return a->type != b->type ? (a->type > b->type) - (a->type < b->type) : strcmp(a->stem, b->stem);
}

int sources_append(Sources *sources, Source *source) {
        int r = ARRAY_RESERVE(sources->items, sources->allocated, sources->count + 1);

        if (r < 0)
                return r;
        sources->items[sources->count++] = *source;
        *source = (Source) {};
        return 0;
}

/* Puts the directory's files that the search path does not have into `siblings`; none when nobody
 * may list it. */
static int find_siblings(const Sources *sources, const char *path, Sources *siblings) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(path, &directory);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_source_ Source source = {};

                r = file_name_parse(entry->d_name, &source.type, &source.stem);
                if (r == -ENOMEM)
                        return r;
                if (r < 0 || sources_find(sources, source.type, source.stem))
                        continue;
                source.masked = source_is_masked(source.type,
                                                 (FileState) source_file_state(dirfd(directory), entry->d_name));
                source.named = true; /* by being beside it */
                source.path = path_join(path, entry->d_name);
                r = source.path ? sources_append(siblings, &source) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return r;
}

int sources_add_siblings(Sources *sources, const char *path) {
        _cleanup_free_ char *directory = path_dirname(path);
        _cleanup_sources_ Sources siblings = {};
        int r;

        r = directory ? find_siblings(sources, directory, &siblings) : -ENOMEM;
        for (size_t i = 0; i < siblings.count && r >= 0; i++)
                r = sources_append(sources, &siblings.items[i]);
        if (sources->count > 1)
                qsort(sources->items, sources->count, sizeof(Source), compare_sources);
        return r;
}
