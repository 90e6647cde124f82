/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files there are and in which order they are read. The search path is walked once; which
 * drop-in directories belong to a unit, and which file of several of the same name counts, is then
 * decided in memory. */
#include "source/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/source-walk.h"
#include "source/trusted-file.h"

void sources_done(Sources *sources) {
        for (size_t i = 0; i < sources->count; i++)
                source_done(&sources->items[i]);
        sources->items = x_free(sources->items);
        sources->count = sources->allocated = 0;
        if (sources->walk)
                source_walk_done(sources->walk);
        sources->walk = x_free(sources->walk);
}

/* The names of the drop-in directories that apply, the most general first. */
static int drop_in_directories(FileType type, const char *stem, StringList *ret) {
        const char *ending = file_type_name(type), *at = strchr(stem, '@');
        size_t prefix = at ? (size_t) (at - stem) : strlen(stem);
        int r;

        r = string_list_addf(ret, "%s.d", ending);
        for (size_t i = 1; r >= 0 && i < prefix; i++) {
                if (stem[i] != '-')
                        continue;
                r = string_list_addf(ret, "%.*s-.%s.d", (int) i, stem, ending);
                if (r >= 0 && at)
                        r = string_list_addf(ret, "%.*s-@.%s.d", (int) i, stem, ending);
        }
        if (r >= 0 && at && at[1])
                r = string_list_addf(ret, "%.*s@.%s.d", (int) prefix, stem, ending);
        return r < 0 ? r : string_list_addf(ret, "%s.%s.d", stem, ending);
}

typedef struct Candidate {
        const DropIn *drop_in;
        const char *name;
        size_t specificity;
} Candidate;

static int compare_candidates(const void *a, const void *b) {
        const Candidate *x = a, *y = b;
        int r = strcmp(x->name, y->name);

        if (r != 0)
                return r;
        if (x->specificity != y->specificity)
                return x->specificity > y->specificity ? -1 : 1;
        return x->drop_in->rank < y->drop_in->rank ? -1 : x->drop_in->rank > y->drop_in->rank;
}

/* The first of the sorted drop-ins in a directory of this name, or where it would be. */
static size_t find_drop_ins(const SourceWalk *walk, const char *directory) {
        size_t low = 0, high = walk->drop_in_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strcmp(walk->drop_ins[middle].directory, directory) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Chooses and orders the drop-ins of one unit. */
static int resolve_drop_ins(const SourceWalk *walk, Source *source) {
        _cleanup_string_list_ StringList directories = {};
        _cleanup_free_ Candidate *candidates = NULL;
        size_t count = 0, allocated = 0;
        int r;

        if (source->masked || walk->drop_in_count == 0)
                return 0;
        r = drop_in_directories(source->type, source->stem, &directories);
        if (r < 0)
                return r;
        for (size_t d = 0; d < directories.count; d++)
                for (size_t i = find_drop_ins(walk, directories.items[d]); i < walk->drop_in_count; i++) {
                        const DropIn *drop_in = &walk->drop_ins[i];

                        if (!streq(drop_in->directory, directories.items[d]))
                                break;
                        if (ARRAY_RESERVE(candidates, allocated, count + 1) < 0)
                                return -ENOMEM;
                        candidates[count++] = (Candidate) { drop_in, path_basename(drop_in->path), d };
                }
        if (count > 1)
                qsort(candidates, count, sizeof(Candidate), compare_candidates);
        for (size_t i = 0; i < count; i++) {
                if ((i > 0 && streq(candidates[i].name, candidates[i - 1].name)) || candidates[i].drop_in->masked)
                        continue;
                r = string_list_add(&source->drop_ins, candidates[i].drop_in->path);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compare_names(FileType type, const char *stem, const Source *source) {
        return type != source->type ? (type < source->type ? -1 : 1) : strcmp(stem, source->stem);
}

static int compare_found(const void *a, const void *b) {
        const Found *x = a, *y = b;
        int r = compare_names(x->source.type, x->source.stem, &y->source);

        return r != 0 ? r : x->order < y->order ? -1 : x->order > y->order;
}

int sources_scan(const StringList *search_path, Sources *ret, Diagnostics *diagnostics) {
        _cleanup_sources_ Sources sources = { .walk = calloc(1, sizeof(*sources.walk)) };
        SourceWalk *walk = sources.walk;
        int r;

        if (!walk)
                return -ENOMEM;
        walk->diagnostics = diagnostics;
        r = source_walk(walk, search_path);
        walk->diagnostics = NULL;
        if (r < 0)
                return r;
        if (walk->file_count > 1)
                qsort(walk->files, walk->file_count, sizeof(Found), compare_found);
        if (ARRAY_RESERVE(sources.items, sources.allocated, walk->file_count) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < walk->file_count; i++) {
                Source *source = &walk->files[i].source,
                       *last = sources.count > 0 ? &sources.items[sources.count - 1] : NULL;

                if (last && compare_names(source->type, source->stem, last) == 0)
                        continue;
                r = resolve_drop_ins(walk, source);
                if (r < 0)
                        return r;
                sources.items[sources.count++] = *source;
                *source = (Source) {};
        }
        *ret = sources;
        sources = (Sources) {};
        return 0;
}

int sources_scan_scope(Scope scope, Sources *ret, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList search_path = {};
        int r = search_path_get(scope, &search_path);

        return r < 0 ? r : sources_scan(&search_path, ret, diagnostics);
}

/* Where the unit is in the sorted list, or would be. */
static size_t find_position(const Sources *sources, FileType type, const char *stem, bool *ret_found) {
        size_t low = 0, high = sources->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = compare_names(type, stem, &sources->items[middle]);

                if (r == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (r > 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret_found = false;
        return low;
}

const Source *sources_find(const Sources *sources, FileType type, const char *stem) {
        bool found;
        size_t i = find_position(sources, type, stem, &found);

        return found ? &sources->items[i] : NULL;
}

const Source *sources_find_or_template(const Sources *sources, FileType type, const char *stem) {
        const Source *source = sources_find(sources, type, stem);
        _cleanup_free_ char *template = NULL;

        if (!source && stem_template(stem, &template) > 0)
                source = sources_find(sources, type, template);
        return source;
}

const char *sources_find_nearest(const Sources *sources, FileType type, const char *stem) {
        enum { LOOKED_THROUGH = 1000 }; /* for each mistake: the generator has to end soon */
        Nearest nearest = { .wanted = stem };

        if (sources->count > LOOKED_THROUGH)
                return NULL;
        for (size_t i = 0; i < sources->count; i++)
                if (sources->items[i].type == type && !sources->items[i].masked)
                        nearest_consider(&nearest, sources->items[i].stem);
        return nearest.name;
}

/* The same as source_find(), of an instance that has no file of its own, without another walk. */
static int make_instance(const Sources *sources, FileType type, const char *stem, Source *ret) {
        _cleanup_free_ char *template = NULL;
        _cleanup_source_ Source source = { .type = type };
        const Source *found;
        int r = stem_template(stem, &template);

        if (r < 0)
                return r;
        found = r > 0 ? sources_find(sources, type, template) : NULL;
        if (!found || !stem_is_valid(stem))
                return -ENOENT;
        source.stem = strdup(stem);
        source.path = strdup(found->path);
        source.masked = found->masked;
        r = source.stem && source.path ? resolve_drop_ins(sources->walk, &source) : -ENOMEM;
        if (r < 0)
                return r;
        *ret = source;
        source = (Source) {};
        return 0;
}

int sources_add_instance(Sources *sources, const StringList *search_path, FileType type, const char *stem,
                         const Source **ret) {
        bool found;
        size_t i = find_position(sources, type, stem, &found);

        if (!found) {
                _cleanup_source_ Source source = {};
                int r;

                r = !strchr(stem, '@') || stem_is_template(stem) ? -ENOENT
                    : sources->walk                              ? make_instance(sources, type, stem, &source)
                                                                 : source_find(search_path, type, stem, &source);
                if (r < 0)
                        return r;
                if (ARRAY_RESERVE(sources->items, sources->allocated, sources->count + 1) < 0)
                        return -ENOMEM;
                memmove(&sources->items[i + 1], &sources->items[i], (sources->count - i) * sizeof(Source));
                sources->items[i] = source;
                sources->count++;
                source = (Source) {};
        }
        if (ret)
                *ret = &sources->items[i];
        return 0;
}

/* The names that source_find() looks for. */
static int wanted_names(FileType type, const char *stem, const char *template, StringList *ret) {
        int r = string_list_addf(ret, "%s.%s", stem, file_type_name(type));

        if (r >= 0 && template)
                r = string_list_addf(ret, "%s.%s", template, file_type_name(type));
        return r < 0 ? r : drop_in_directories(type, stem, ret);
}

int source_find(const StringList *search_path, FileType type, const char *stem, Source *ret) {
        _cleanup_string_list_ StringList wanted = {};
        _cleanup_source_walk_ SourceWalk walk = { .wanted = &wanted };
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *template = NULL;
        Source *found = NULL;
        int r;

        if (!stem_is_valid(stem))
                return -ENOENT;
        r = stem_template(stem, &template);
        if (r >= 0)
                r = wanted_names(type, stem, template, &wanted);
        if (r >= 0)
                r = source_walk(&walk, search_path);
        if (r < 0)
                return r;
        for (size_t i = 0; i < walk.file_count; i++) {
                Source *file = &walk.files[i].source;
                bool own = streq(file->stem, stem);

                if (own || !found)
                        found = file;
                if (own)
                        break;
        }
        if (!found)
                return -ENOENT;
        source = (Source) {
                .type = type, .stem = strdup(stem), .path = TAKE_PTR(found->path), .masked = found->masked
        };
        r = source.stem ? resolve_drop_ins(&walk, &source) : -ENOMEM;
        if (r < 0)
                return r;
        *ret = source;
        source = (Source) {};
        return 0;
}

int source_find_scope(Scope scope, FileType type, const char *stem, Source *ret) {
        _cleanup_string_list_ StringList search_path = {};
        int r = search_path_get(scope, &search_path);

        return r < 0 ? r : source_find(&search_path, type, stem, ret);
}

int source_from_path(const char *path, Source *ret) {
        _cleanup_string_list_ StringList wanted = {};
        _cleanup_source_walk_ SourceWalk walk = { .wanted = &wanted };
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *directory = path_dirname(path);
        int state, r;

        r = file_name_parse(path_basename(path), &source.type, &source.stem);
        if (r < 0)
                return r;
        state = source_file_state(AT_FDCWD, path);
        if (state < 0)
                return state;
        if (state == STATE_DIRECTORY || state == STATE_OTHER)
                return state == STATE_DIRECTORY ? -EISDIR : -EINVAL;
        source.masked = source_is_masked(source.type, (FileState) state);
        source.named = true;
        source.path = strdup(path);
        r = source.path && directory ? drop_in_directories(source.type, source.stem, &wanted) : -ENOMEM;
        if (r >= 0)
                r = source_walk_one(&walk, directory);
        if (r >= 0)
                r = resolve_drop_ins(&walk, &source);
        if (r < 0)
                return r;
        *ret = source;
        source = (Source) {};
        return 0;
}

static int read_one(const char *path, bool trusted, const Draft *draft, UnitFile *ret, Diagnostics *diagnostics) {
        const Location where = { .file = path };
        _cleanup_free_ char *data = NULL;
        size_t size;
        int r;

        r = trusted ? 0 : trusted_file_check(path, NULL, diagnostics);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (draft && streq(draft->path, path))
                return unit_file_read(ret, draft->text, draft->size, path, diagnostics);
        r = read_file_at(AT_FDCWD, path, UNIT_FILE_SIZE_MAX, &data, &size);
        if (r >= 0)
                r = unit_file_read(ret, data, size, path, diagnostics);
        if (r == -ENOMEM)
                return r;
        if (r == -EFBIG)
                diagnose_error(diagnostics, &where, "larger than 1 MiB");
        else if (r == -EINVAL && source_file_state(AT_FDCWD, path) == STATE_MASKED)
                return 0;
        else if (r == -EINVAL || r == -EISDIR)
                diagnose_error(diagnostics, &where, "cannot be read: not a regular file");
        else if (r < 0)
                diagnose_error(diagnostics, &where, "cannot be read: %s", strerror(-r));
        return 0;
}

int source_read(const Source *source, UnitFile *ret, Diagnostics *diagnostics) {
        /* As to a path from the environment, whoever has set it knows whose that is. */
        bool trusted = source->named || getenv("BERTH_UNIT_PATH");
        int r;

        if (source->masked)
                return 0;
        r = read_one(source->path, trusted, source->draft, ret, diagnostics);
        for (size_t i = 0; r >= 0 && i < source->drop_ins.count; i++)
                r = read_one(source->drop_ins.items[i], trusted, source->draft, ret, diagnostics);
        return r;
}

bool search_path_is_of_machine(void) {
        return !getenv("BERTH_UNIT_PATH");
}

int search_path_get(Scope scope, StringList *ret) {
        _cleanup_string_list_ StringList path = {};
        const char *p = getenv("BERTH_UNIT_PATH");
        bool append_default = !p;
        int r = 0;

        while (r >= 0 && p) {
                size_t n = strcspn(p, ":");

                if (n > 0)
                        r = string_list_add_n(&path, p, n);
                append_default = n == 0;
                p = p[n] ? p + n + 1 : NULL;
        }
        if (r >= 0 && append_default)
                r = places_add_search_path(scope, &path);
        if (r < 0)
                return r;
        *ret = path;
        path = (StringList) {};
        return 0;
}
