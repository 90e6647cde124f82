/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the value parsers share: words with their places, specifiers, paths, choices, and how a
 * value is refused. */
#include "config/value/value-internal.h"

#include <ctype.h>
#include <errno.h>

#include "basic/path.h"
#include "basic/words.h"
#include "source/unit-name.h"

int value_refuse(const ValueContext *context, const Key *key, const Location *where, const char *what,
                 const char *text) {
        return diagnose_error(context->diagnostics, where, "\"%s\" must be %s, not \"%s\"", key->name, what, text);
}

int value_checked(int result, const ValueContext *context, const Key *key, const Location *where, const char *what,
                  const char *text) {
        if (result == -ERANGE)
                return diagnose_error(context->diagnostics, where, "\"%s\" in \"%s\" is out of range", text, key->name);
        if (result == -EINVAL)
                return value_refuse(context, key, where, what, text);
        return result;
}

int value_unknown(const ValueContext *context, const Location *where, const char *what, const char *text,
                  const char *meant) {
        if (meant)
                return diagnose_error(context->diagnostics, where, "unknown %s \"%s\"; did you mean \"%s\"?", what,
                                      text, meant);
        return diagnose_error(context->diagnostics, where, "unknown %s \"%s\"", what, text);
}

/* The two characters that a "%" or "\\" begins, the second of which may take several bytes. */
static int pair_length(const char *pair) {
        int n = 2;

        while (((unsigned char) pair[n] & 0xc0) == 0x80)
                n++;
        return n;
}

int value_expand(const ValueContext *context, const Entry *entry, const char *start, const char *text, char **ret) {
        size_t base = (size_t) (start - entry->value), offset = 0;
        Location where;
        int r = specifiers_expand(context->specifiers, text, ret, &offset);

        if (r >= 0 || r == -ENOMEM)
                return r;
        /* Where quotes or escapes were undone before the specifier, the two texts have parted and
         * the word's place must do. */
        where = entry_location(entry, base + (strncmp(start, text, offset) == 0 ? offset : 0));
        if (r == -ENXIO)
                return diagnose_error(context->diagnostics, &where, "this machine has no value for \"%.2s\"",
                                      text + offset);
        if (r != -EINVAL)
                return diagnose_error(context->diagnostics, &where, "cannot expand \"%s\": %s", text, strerror(-r));
        if (text[offset] == '%' && text[offset + 1])
                return diagnose_error(context->diagnostics, &where,
                                      "unknown specifier \"%.*s\"; a percent sign is \"%%%%\"",
                                      pair_length(text + offset), text + offset);
        return diagnose_error(context->diagnostics, &where, "a percent sign is written \"%%%%\"");
}

static void warn_unset(const ValueContext *context, const Entry *entry, const char *start, const StringList *unset) {
        Location where = entry_location(entry, (size_t) (start - entry->value));

        for (size_t i = 0; i < unset->count; i++)
                diagnose_warning(context->diagnostics, &where,
                                 "\"%s\" is not set in the service's environment, and so empty", unset->items[i]);
}

/* What comes out of variables has no specifiers. */
static int double_percents(char **text) {
        _cleanup_text_ Text doubled = {};
        char *copy;

        for (const char *p = *text; *p; p++)
                text_appendf(&doubled, *p == '%' ? "%%%%" : "%c", *p);
        if (text_take(&doubled, &copy) < 0)
                return -ENOMEM;
        free(*text);
        *text = copy;
        return 0;
}

/* systemd expands specifiers before variables. */
static int expand_word(const ValueContext *context, const char *word, StringList *ret, StringList *unset) {
        _cleanup_free_ char *expanded = NULL;
        int r = specifiers_expand(context->specifiers, word, &expanded, NULL);

        /* value_expand() will say what is wrong. */
        if (r < 0)
                return r == -ENOMEM ? r : string_list_add(ret, word);
        if (context->part) {
                char *part;

                r = variables_expand_part(context->variables, expanded, &part, unset);
                if (r >= 0)
                        r = string_list_take(ret, part);
        } else
                r = variables_expand_word(context->variables, expanded, ret, unset);
        for (size_t i = 0; i < ret->count && r >= 0; i++)
                r = double_percents(&ret->items[i]);
        return r;
}

int value_expand_variables(const ValueContext *context, const Entry *entry, const char *start, const char *word,
                           StringList *ret) {
        _cleanup_string_list_ StringList unset = {};
        int r;

        if (!context->variables || !strchr(word, '$'))
                return string_list_add(ret, word);
        r = expand_word(context, word, ret, &unset);
        if (r >= 0)
                warn_unset(context, entry, start, &unset);
        return r;
}

/* Replaces `*word` by what its variables make of it, which has to be one word again. */
static int expand_in_place(const ValueContext *context, const Entry *entry, const char *start, char **word) {
        _cleanup_string_list_ StringList words = {};
        Location where;
        int r = value_expand_variables(context, entry, start, *word, &words);

        if (r < 0)
                return r;
        if (words.count != 1) {
                where = entry_location(entry, (size_t) (start - entry->value));
                return diagnose_error(context->diagnostics, &where,
                                      "\"%s\" becomes %zu words, but must be one; a part of a word is written "
                                      "\"${NAME}\"",
                                      *word, words.count);
        }
        free(*word);
        *word = words.items[0];
        words.items[0] = NULL;
        words.count = 0;
        return 0;
}

/* Quotes around all of a value that is not split into words, as of Image=, are Quadlet's to
 * remove. */
static char *unquote(const char *value) {
        size_t n = strlen(value);

        return n >= 2 && value[0] == '"' && strchr(value + 1, '"') == value + n - 1 ? strndup(value + 1, n - 2)
                                                                                     : strdup(value);
}

int value_text(const ValueContext *context, const Entry *entry, char **ret) {
        _cleanup_free_ char *text = unquote(entry->value);
        int r = text ? expand_in_place(context, entry, entry->value, &text) : -ENOMEM;

        return r < 0 ? r : value_expand(context, entry, entry->value, text, ret);
}

/* Takes the last word, from `start` on, whose quote at `quote` is open: for Quadlet it ends with
 * the value. As word_extract(). */
static int close_quote(const char *start, const char **quote, char **ret, const char **ret_start) {
        _cleanup_free_ char *closed = text_format("%s%c", start, **quote);
        const char *rest = closed, *word;
        int r = closed ? word_extract(&rest, ret, &word) : -ENOMEM;

        if (r <= 0)
                return r;
        *ret_start = start + (word - closed);
        *quote += strlen(*quote);
        return r;
}

int value_next_word(const ValueContext *context, const Entry *entry, const char **rest, char **ret,
                    const char **ret_start) {
        const char *before = *rest;
        Location where;
        int r = word_extract(rest, ret, ret_start);

        if (r != -EINVAL)
                return r;
        where = entry_location(entry, (size_t) (*rest - entry->value));
        if (**rest == '"' || **rest == '\'') {
                r = close_quote(before, rest, ret, ret_start);
                if (r == -EINVAL)
                        return diagnose_error(context->diagnostics, &where, "unclosed quote");
                if (r >= 0)
                        diagnose_warning(context->diagnostics, &where, "unclosed quote: it ends with the value");
                return r;
        }
        if (**rest == '\\' && !(*rest)[1])
                return diagnose_error(context->diagnostics, &where, "a backslash is written \"\\\\\"");
        if (**rest == '\\')
                return diagnose_error(context->diagnostics, &where,
                                      "unknown escape sequence \"%.*s\"; a backslash is \"\\\\\"", pair_length(*rest),
                                      *rest);
        return diagnose_error(context->diagnostics, &where, "not valid UTF-8");
}

int value_item(const ValueContext *context, const Entry *entry, char **ret, const char **ret_start) {
        _cleanup_free_ char *first = NULL;
        const char *rest = entry->value;
        int r;

        /* What is no one word is no word at all, and its quotes are its own. */
        r = word_extract(&rest, &first, ret_start);
        if (r == -EINVAL && *rest != '"' && *rest != '\'') {
                rest = entry->value;
                r = value_next_word(context, entry, &rest, &first, ret_start);
        }
        if (r < 0 && r != -EINVAL)
                return r;
        if (r == -EINVAL && *rest != '"' && *rest != '\'')
                return r;
        if (r <= 0 || *rest) {
                *ret_start = entry->value;
                first = x_free(first);
                first = strdup(entry->value);
                if (!first)
                        return -ENOMEM;
        }
        r = expand_in_place(context, entry, *ret_start, &first);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(first);
        return 0;
}

/* Expands the specifiers of one word, and parses it. */
static int parse_word(const ValueContext *context, const Key *key, const Entry *entry, const char *start,
                      const char *raw, WordParser parse, void *list) {
        Location where = entry_location(entry, (size_t) (start - entry->value));
        _cleanup_free_ char *word = NULL;
        int r = value_expand(context, entry, start, raw, &word);

        return r < 0 ? r : parse(context, key, word, &where, list);
}

int value_each_word(const ValueContext *context, const Key *key, const Entry *entry, WordParser parse, void *list) {
        const char *rest = entry->value;
        int result = 0;

        for (;;) {
                _cleanup_free_ char *raw = NULL;
                const char *start;
                int r;

                r = value_next_word(context, entry, &rest, &raw, &start);
                if (r == 0)
                        return result;
                if (r < 0)
                        return r;
                r = expand_in_place(context, entry, start, &raw);
                if (r >= 0)
                        r = parse_word(context, key, entry, start, raw, parse, list);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
        }
}

int value_add_word(_unused_ const ValueContext *context, _unused_ const Key *key, const char *word,
                   _unused_ const Location *where, void *list) {
        return string_list_add(list, word);
}

int value_split(const char *text, char separator, size_t most, StringList *ret) {
        for (;;) {
                const char *end = ret->count + 1 < most ? strchr(text, separator) : NULL;
                int r = string_list_add_n(ret, text, end ? (size_t) (end - text) : strlen(text));

                if (r < 0 || !end)
                        return r;
                text = end + 1;
        }
}

int value_split_expanded(const ValueContext *context, const Entry *entry, const char *start, const char *text,
                         char separator, size_t most, StringList *ret) {
        const char *part = text;
        int r = value_split(text, separator, most, ret);

        for (size_t i = 0; i < ret->count && r >= 0; i++) {
                size_t offset = (size_t) (part - text), length = strlen(ret->items[i]);
                bool verbatim = strncmp(start, text, offset + length) == 0;
                char *expanded = NULL;

                r = value_expand(context, entry, verbatim ? start + offset : start, ret->items[i], &expanded);
                if (r < 0)
                        return r;
                free(ret->items[i]);
                ret->items[i] = expanded;
                part += length + 1;
        }
        return r;
}

/* Says what is wrong with `text` after path_normalize() gave `r`, and passes other results on. */
static int refuse_path(int r, const ValueContext *context, const Location *where, const char *what, const char *text) {
        if (r == -EINVAL && text[0] != '/' && !strstr(text, ".."))
                return diagnose_error(context->diagnostics, where, "%s must be an absolute path, not \"%s\"", what,
                                      text);
        if (r == -EINVAL)
                return diagnose_error(context->diagnostics, where, "%s must be a path without \"..\", not \"%s\"", what,
                                      text);
        if (r == -ENAMETOOLONG)
                return diagnose_error(context->diagnostics, where, "%s is too long a path", what);
        return r;
}

int value_path(const ValueContext *context, const Location *where, const char *what, const char *text, char **ret) {
        return refuse_path(path_normalize(text, ret), context, where, what, text);
}

int value_relative_path(const ValueContext *context, const Location *where, const char *what, const char *text,
                        char **ret) {
        _cleanup_free_ char *directory = NULL, *joined = NULL;
        const char *rest = text, *after;

        if (text[0] == '/' || text[0] == '\0')
                return value_path(context, where, what, text, ret);
        directory = path_dirname(context->specifiers->path);
        while (directory) {
                after = startswith(rest, "./");
                if (!after && (after = streq(rest, "..") ? rest + 2 : startswith(rest, "../"))) {
                        char *parent = path_dirname(directory);
                        free(directory);
                        directory = parent;
                }
                if (!after)
                        break;
                rest = after + strspn(after, "/");
        }
        joined = directory ? path_join(directory, rest) : NULL;
        if (!joined)
                return -ENOMEM;
        return refuse_path(path_normalize(joined, ret), context, where, what, text);
}

/* "always, missing or never": every value by its first name. */
static void list_names(const ValueName *names, Text *text) {
        const char *pending = NULL;
        bool first = true;

        for (const ValueName *n = names; n->name; n++) {
                const ValueName *earlier = names;

                while (earlier->value != n->value)
                        earlier++;
                if (earlier != n)
                        continue;
                if (pending) {
                        text_appendf(text, "%s%s", first ? "" : ", ", pending);
                        first = false;
                }
                pending = n->name;
        }
        text_appendf(text, "%s%s", first ? "" : " or ", pending);
}

int value_choose(const ValueContext *context, const Key *key, const Location *where, const char *text,
                 const ValueName *names, int *ret) {
        _cleanup_text_ Text allowed = {};
        Nearest nearest = { .wanted = text };

        for (const ValueName *n = names; n->name; n++) {
                if (streq(n->name, text)) {
                        *ret = n->value;
                        return 0;
                }
                nearest_consider(&nearest, n->name);
        }
        list_names(names, &allowed);
        if (allowed.failed)
                return -ENOMEM;
        if (nearest.name)
                return diagnose_error(context->diagnostics, where,
                                      "\"%s\" must be %s, not \"%s\"; did you mean \"%s\"?", key->name, allowed.data,
                                      text, nearest.name);
        return value_refuse(context, key, where, allowed.data, text);
}

bool value_name_is_valid(const char *name) {
        return isalnum((unsigned char) name[0]) &&
               name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}

int value_reference(const ValueContext *context, const Location *where, const char *text, const char *ending,
                    char **ret_stem) {
        FileType type;
        int r;

        if (!endswith(text, ending))
                return 0;
        r = strchr(text, '/') ? -EINVAL : file_name_parse(text, &type, ret_stem);
        if (r == -EINVAL)
                return diagnose_error(context->diagnostics, where, "\"%s\" is no name of a file", text);
        return r < 0 ? r : 1;
}

int value_replace(char **string, const char *text) {
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        free(*string);
        *string = copy;
        return 0;
}

/* What an option is about: "exec" for "noexec", "ro" for "rw", "size" for "size=64m". */
static size_t option_topic(const char *option, const char **ret) {
        size_t n = strcspn(option, "=");

        if (n == 2 && strncmp(option, "rw", 2) == 0)
                option = "ro";
        else if (n > 2 && strncmp(option, "no", 2) == 0)
                option += 2, n -= 2;
        *ret = option;
        return n;
}

bool value_option_conflicts(const StringList *earlier, const char *option) {
        const char *topic, *other;
        size_t n = option_topic(option, &topic);

        for (size_t i = 0; i < earlier->count; i++)
                if (option_topic(earlier->items[i], &other) == n && strncmp(topic, other, n) == 0)
                        return true;
        return false;
}
