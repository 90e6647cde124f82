/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of images without a registry. */
#include "config/short-name.h"

#include <errno.h>

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

static int join_registries(const StringList *registries, size_t from, char **ret) {
        _cleanup_text_ Text text = {};

        for (size_t i = from; i < registries->count; i++)
                text_appendf(&text, "%s%s", i == from ? "" : i + 1 < registries->count ? ", " : " and ",
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
        if (join_registries(&search->registries, 0, &registries) < 0)
                return -ENOMEM;
        return refuse(ret_message,
                      text_format("\"%s\" is a short name, which %s may have: short-name-mode in %s wants one to be "
                                  "chosen; did you mean \"%s/%s\"?",
                                  text, registries, search->mode_where, search->registries.items[0], text));
}

/* What is to stand in place of the name, and a clause that says why. */
static int choose(const Search *search, char **ret_full, char **ret_why) {
        const StringList *registries = &search->registries;
        _cleanup_free_ char *others = NULL;

        if (search->alias && *search->alias) {
                *ret_full = strdup(search->alias);
                *ret_why = text_format("that is its alias in %s", search->alias_where);
        } else {
                *ret_full = text_format("%s/%s", registries->items[0], search->name);
                if (registries->count < 2)
                        *ret_why = text_format("%s is the registry of %s", registries->items[0],
                                               search->registries_where);
                else if (join_registries(registries, 1, &others) >= 0)
                        *ret_why = text_format("%s is the first registry of %s; %s %s not asked", registries->items[0],
                                               search->registries_where, others, registries->count > 2 ? "are" : "is");
        }
        return *ret_full && *ret_why ? 0 : -ENOMEM;
}

static int parse_full(const char *text, const char *full, const char *suffix, const char *why, ImageReference *ret,
                      char **ret_note, char **ret_message) {
        _cleanup_free_ char *whole = text_format("%s%s", full, suffix), *message = NULL;
        _cleanup_image_reference_ ImageReference reference = {};
        int r;

        r = whole ? image_reference_parse(whole, &reference, &message) : -ENOMEM;
        if (r == -EINVAL)
                return refuse(ret_message, text_format("\"%s\" is a short name, but %s: %s", text, why, message));
        if (r < 0)
                return r;
        *ret_note = text_format("\"%s\" is a short name, taken as \"%s\": %s", text, reference.name, why);
        if (!*ret_note)
                return -ENOMEM;
        *ret = reference;
        reference = (ImageReference) {};
        return 0;
}

static int refuse_damaged(const Search *search, const char *text, char **ret_message) {
        _cleanup_free_ char *line = NULL;

        if (search->diagnostics.count == 0 || diagnostic_format(&search->diagnostics.items[0], &line) < 0)
                return -ENOMEM;
        return refuse(ret_message, text_format("\"%s\" is a short name, and what says whose cannot be used: %s", text,
                                               line));
}

int image_reference_resolve(const char *text, ImageReference *ret, char **ret_note, char **ret_message) {
        _cleanup_free_ char *name = NULL, *full = NULL, *why = NULL;
        _cleanup_(search_done) Search search = {};
        int r;

        r = image_reference_short_name(text, &name);
        if (r <= 0)
                return r < 0 ? r : image_reference_parse(text, ret, ret_message);
        search.name = name;
        r = read_all(&search);
        if (r == -EREPORTED)
                return refuse_damaged(&search, text, ret_message);
        if (r < 0)
                return r;
        if (!(search.alias && *search.alias)) {
                if (search.registries.count == 0)
                        return image_reference_parse(text, ret, ret_message); /* says what to write */
                r = check_mode(&search, text, ret_message);
        }
        if (r >= 0)
                r = choose(&search, &full, &why);
        return r < 0 ? r : parse_full(text, full, text + strlen(name), why, ret, ret_note, ret_message);
}
