/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of images without a registry. */
#include "config/short-name.h"

#include <errno.h>
#include <unistd.h>

#include "basic/diagnostics.h"
#include "basic/directory.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"
#include "source/toml.h"

#define MAIN_FILE "registries.conf"
#define DROP_INS "registries.conf.d"

/* What the files say of one name. The `…_where` are "FILE:LINE". */
typedef struct Search {
        const char *name;
        Diagnostics diagnostics;
        char *alias, *alias_where;
        StringList registries;
        char *registries_where;
        char *mode, *mode_where;
} Search;

static void search_done(Search *search) {
        free(search->alias);
        free(search->alias_where);
        string_list_done(&search->registries);
        free(search->registries_where);
        free(search->mode);
        free(search->mode_where);
        diagnostics_done(&search->diagnostics);
}

static int refuse(char **ret_message, char *message) {
        *ret_message = message;
        return message ? -EINVAL : -ENOMEM;
}

/* Reading */

static int set_where(const TomlValue *value, char **where) {
        free(*where);
        *where = text_format("%s:%u", value->where.file, value->where.line);
        return *where ? 0 : -ENOMEM;
}

static int set_text(const TomlValue *value, char **text, char **where) {
        free(*text);
        *text = strdup(value->strings->items[0]);
        return *text ? set_where(value, where) : -ENOMEM;
}

static int set_registries(Search *search, const TomlValue *value) {
        int r;

        string_list_done(&search->registries);
        r = string_list_extend(&search->registries, value->strings);
        return r < 0 ? r : set_where(value, &search->registries_where);
}

static int take_value(const TomlValue *value, void *userdata) {
        Search *search = userdata;
        const StringList *path = value->path;
        bool alias = path->count == 2 && streq(path->items[0], "aliases"),
             registries = path->count == 1 && streq(path->items[0], "unqualified-search-registries"),
             mode = path->count == 1 && streq(path->items[0], "short-name-mode");

        if (registries && value->kind != TOML_STRINGS)
                return diagnose_error(&search->diagnostics, &value->where, "%s is no array of strings",
                                      path->items[0]);
        if ((mode || alias) && value->kind != TOML_STRING)
                return diagnose_error(&search->diagnostics, &value->where, "%s is no string",
                                      path->items[path->count - 1]);
        if (registries)
                return set_registries(search, value);
        if (mode)
                return set_text(value, &search->mode, &search->mode_where);
        if (alias && streq(path->items[1], search->name))
                return set_text(value, &search->alias, &search->alias_where);
        return 0;
}

/* The first of the directories that has the file. */
static int read_first(Search *search, const StringList *directories, const char *name) {
        int r = 0;

        for (size_t i = 0; i < directories->count && r == 0; i++) {
                _cleanup_free_ char *path = path_join(directories->items[i], name);

                r = path ? toml_read_file(path, &search->diagnostics, take_value, search) : -ENOMEM;
        }
        return r < 0 ? r : 0;
}

static int list_drop_ins(const StringList *directories, StringList *ret) {
        int r = 0;

        for (size_t i = 0; i < directories->count && r >= 0; i++) {
                _cleanup_free_ char *path = path_join(directories->items[i], DROP_INS);

                r = path ? directory_list(path, ret) : -ENOMEM;
                if (r == -ENOTDIR || r == -EACCES)
                        r = 0;
        }
        string_list_unique(ret);
        return r;
}

static int read_all(Search *search) {
        _cleanup_string_list_ StringList directories = {}, names = {};
        int r;

        r = places_add_containers_path(places_scope(), &directories);
        if (r >= 0)
                r = read_first(search, &directories, MAIN_FILE);
        if (r >= 0)
                r = list_drop_ins(&directories, &names);
        for (size_t i = 0; i < names.count && r >= 0; i++) {
                _cleanup_free_ char *name = path_join(DROP_INS, names.items[i]);

                if (!name)
                        return -ENOMEM;
                if (endswith(name, ".conf"))
                        r = read_first(search, &directories, name);
        }
        return r;
}

/* Choosing */

static int join_registries(const StringList *registries, char **ret) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < registries->count; i++)
                text_appendf(&text, "%s%s", i == 0 ? "" : i + 1 < registries->count ? ", " : " and ",
                             registries->items[i]);
        return text_take(&text, ret);
}

static int check_mode(const Search *search, const char *text, char **ret_message) {
        static const char *const modes[] = { "enforcing", "permissive", "disabled" };
        _cleanup_free_ char *registries = NULL;
        bool known = !search->mode;

        for (size_t i = 0; !known && i < ARRAY_SIZE(modes); i++)
                known = streq(search->mode, modes[i]);
        if (!known)
                return refuse(ret_message, text_format("\"%s\" is a short name, and short-name-mode in %s is none of "
                                                       "enforcing, permissive and disabled",
                                                       text, search->mode_where));
        if (search->registries.count < 2 || !streq_null(search->mode, "enforcing"))
                return 0;
        if (join_registries(&search->registries, &registries) < 0)
                return -ENOMEM;
        return refuse(ret_message,
                      text_format("\"%s\" is a short name, which %s may have: short-name-mode in %s wants one to be "
                                  "chosen; did you mean \"%s/%s\"?",
                                  text, registries, search->mode_where, search->registries.items[0], text));
}

/* A clause that says why the name is what it is. */
static char *explain(const Search *search) {
        const StringList *registries = &search->registries;
        _cleanup_free_ char *all = NULL;

        if (search->alias && *search->alias)
                return text_format("that is its alias in %s", search->alias_where);
        if (registries->count < 2)
                return text_format("%s is the registry of %s", registries->items[0], search->registries_where);
        if (join_registries(registries, &all) < 0)
                return NULL;
        return text_format("%s are the registries of %s", all, search->registries_where);
}

/* What may stand in place of the name, in order. */
static int list_full(const Search *search, StringList *ret) {
        int r = 0;

        if (search->alias && *search->alias)
                return string_list_add(ret, search->alias);
        for (size_t i = 0; r >= 0 && i < search->registries.count; i++)
                r = string_list_addf(ret, "%s/%s", search->registries.items[i], search->name);
        return r;
}

static int add_candidate(const char *text, const char *full, const char *suffix, const char *why,
                         ImageCandidates *candidates, char **ret_message) {
        _cleanup_free_ char *whole = text_format("%s%s", full, suffix), *message = NULL;
        int r;

        r = whole ? image_reference_parse(whole, &candidates->items[candidates->count], &message) : -ENOMEM;
        if (r == -EINVAL)
                return refuse(ret_message, text_format("\"%s\" is a short name, but %s: %s", text, why, message));
        if (r >= 0)
                candidates->count++;
        return r;
}

/* One that stands for several stays as short as it is, but has its tag. */
static int name_candidates(const Search *search, ImageCandidates *candidates) {
        const ImageReference *first = &candidates->items[0];

        if (candidates->count == 1)
                candidates->name = strdup(first->name);
        else
                candidates->name = text_format("%s%s%s", search->name, first->digest ? "@" : ":",
                                               first->digest ?: first->tag);
        return candidates->name ? 0 : -ENOMEM;
}

static char *describe(const char *text, const ImageCandidates *candidates, const char *why) {
        if (candidates->count == 1)
                return text_format("\"%s\" is a short name, taken as \"%s\": %s", text, candidates->name, why);
        return text_format("\"%s\" is a short name, taken from the first that has it: %s", text, why);
}

static int make_candidates(const Search *search, const char *text, ImageCandidates *candidates, char **ret_note,
                           char **ret_message) {
        _cleanup_string_list_ StringList full = {};
        _cleanup_free_ char *why = explain(search);
        int r;

        r = why ? list_full(search, &full) : -ENOMEM;
        if (r < 0)
                return r;
        candidates->items = calloc(full.count, sizeof(ImageReference));
        if (!candidates->items)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < full.count; i++)
                r = add_candidate(text, full.items[i], text + strlen(search->name), why, candidates, ret_message);
        if (r >= 0)
                r = name_candidates(search, candidates);
        if (r < 0)
                return r;
        *ret_note = describe(text, candidates, why);
        return *ret_note ? 0 : -ENOMEM;
}

static int refuse_damaged(const Search *search, const char *text, char **ret_message) {
        _cleanup_free_ char *line = NULL;

        if (search->diagnostics.count == 0 || diagnostic_format(&search->diagnostics.items[0], &line) < 0)
                return -ENOMEM;
        return refuse(ret_message, text_format("\"%s\" is a short name, and what says whose cannot be used: %s", text,
                                               line));
}

static int parse_only(const char *text, ImageCandidates *candidates, char **ret_message) {
        int r;

        candidates->items = calloc(1, sizeof(ImageReference));
        r = candidates->items ? image_reference_parse(text, &candidates->items[0], ret_message) : -ENOMEM;
        if (r < 0)
                return r;
        candidates->count = 1;
        candidates->name = strdup(candidates->items[0].name);
        return candidates->name ? 0 : -ENOMEM;
}

static int find_short(Search *search, const char *text, ImageCandidates *candidates, char **ret_note,
                      char **ret_message) {
        int r = read_all(search);

        if (r == -EREPORTED)
                return refuse_damaged(search, text, ret_message);
        if (r < 0)
                return r;
        if (!(search->alias && *search->alias)) {
                if (search->registries.count == 0)
                        return parse_only(text, candidates, ret_message); /* says what to write */
                r = check_mode(search, text, ret_message);
        }
        return r < 0 ? r : make_candidates(search, text, candidates, ret_note, ret_message);
}

int image_candidates_find(const char *text, ImageCandidates *ret, char **ret_note, char **ret_message) {
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_(search_done) Search search = {};
        _cleanup_free_ char *name = NULL;
        int r;

        r = image_reference_short_name(text, &name);
        if (r == 0)
                r = parse_only(text, &candidates, ret_message);
        else if (r > 0) {
                search.name = name;
                r = find_short(&search, text, &candidates, ret_note, ret_message);
        }
        if (r < 0)
                return r;
        *ret = candidates;
        candidates = (ImageCandidates) {};
        return 0;
}

static int is_stored(const ImageReference *reference) {
        _cleanup_free_ char *instance = image_instance(reference->name),
                            *path = instance ? path_join(place_path(PLACE_IMAGES), instance) : NULL;

        return path ? access(path, F_OK) >= 0 : -ENOMEM;
}

int image_reference_resolve(const char *text, ImageReference *ret, char **ret_note, char **ret_message) {
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_free_ char *note = NULL;
        size_t chosen = 0;
        int r;

        r = image_candidates_find(text, &candidates, &note, ret_message);
        for (size_t i = 0; r == 0 && candidates.count > 1 && i < candidates.count; i++) {
                r = is_stored(&candidates.items[i]);
                if (r > 0)
                        chosen = i;
        }
        if (r < 0)
                return r;
        *ret = candidates.items[chosen];
        candidates.items[chosen] = (ImageReference) {};
        *ret_note = TAKE_PTR(note);
        return 0;
}

void image_candidates_done(ImageCandidates *candidates) {
        for (size_t i = 0; i < candidates->count; i++)
                image_reference_done(&candidates->items[i]);
        candidates->items = x_free(candidates->items);
        candidates->name = x_free(candidates->name);
        candidates->count = 0;
}
