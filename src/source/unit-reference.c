/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References to berth's files in the sections that are handed on to systemd. */
#include "source/unit-reference.h"

#include <errno.h>

#include "basic/text.h"
#include "source/unit-name.h"

#define WHITE_SPACE " \t\n\r"

bool key_takes_units(const char *key) {
        static const char *const known[] = {
                "After",
                "Before",
                "Wants",
                "Requires",
                "Requisite",
                "BindsTo",
                "PartOf",
                "Upholds",
                "Conflicts",
                "OnFailure",
                "OnSuccess",
                "PropagatesReloadTo",
                "ReloadPropagatedFrom",
                "PropagatesStopTo",
                "StopPropagatedFrom",
        };

        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (streq(key, known[i]))
                        return true;
        return false;
}

/* How long the word at `s` is; white space in quotes does not end it. `ret_open`: a quote is
 * missing its end. */
static size_t word_length(const char *s, bool *ret_open) {
        char quote = '\0';
        size_t n = 0;

        for (; s[n] && (quote || !strchr(WHITE_SPACE, s[n])); n++)
                if (s[n] == quote)
                        quote = '\0';
                else if (!quote && (s[n] == '"' || s[n] == '\''))
                        quote = s[n];
        *ret_open = quote;
        return n;
}

/* The word without its quotes, which no unit's name has. */
static int unquote(const char *word, size_t n, char **ret) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < n; i++)
                if (word[i] != '"' && word[i] != '\'')
                        text_append_char(&text, word[i]);
        return text_take(&text, ret);
}

int instances_add(StringList *instances, FileType type, const char *stem) {
        _cleanup_free_ char *template = NULL, *name = NULL;
        int r;

        r = stem_template(stem, &template);
        if (r <= 0)
                return r;
        name = text_format("%s.%s", stem, file_type_name(type));
        if (!name)
                return -ENOMEM;
        return string_list_contains(instances, name) ? 0 : string_list_take(instances, TAKE_PTR(name));
}

int instances_add_reference(StringList *instances, const char *reference) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = file_name_parse(reference, &type, &stem);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return instances_add(instances, type, stem);
}

int unit_references_split(const char *value, StringList *names, StringList *instances) {
        int translated = 0, r;

        for (const char *p = value + strspn(value, WHITE_SPACE); *p; p += strspn(p, WHITE_SPACE)) {
                bool open;
                size_t n = word_length(p, &open);
                _cleanup_free_ char *word = NULL;
                char *unit = NULL;

                r = unquote(p, n, &word);
                if (r < 0)
                        return r;
                r = open ? 0 : unit_reference_translate(word, &unit);
                if (r == -ENOMEM)
                        return r;
                if (r > 0) {
                        translated++;
                        r = string_list_take(names, unit);
                        if (r >= 0)
                                r = instances_add_reference(instances, word);
                } else if (open || strpbrk(word, WHITE_SPACE))
                        r = string_list_add_n(names, p, n);
                else
                        r = string_list_take(names, TAKE_PTR(word));
                if (r < 0)
                        return r;
                p += n;
        }
        return translated;
}

int unit_references_translate(const char *value, char **ret, StringList *instances) {
        _cleanup_string_list_ StringList names = {};
        _cleanup_text_ Text text = {};
        int r;

        r = unit_references_split(value, &names, instances);
        if (r < 0)
                return r;
        if (r == 0) {
                char *copy = strdup(value);
                if (!copy)
                        return -ENOMEM;
                *ret = copy;
                return 0;
        }
        for (size_t i = 0; i < names.count; i++) {
                if (i > 0)
                        text_append_char(&text, ' ');
                text_append(&text, names.items[i]);
        }
        return text_take(&text, ret);
}
