/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values in files of compose. */
#include "start/import/compose-value.h"

#include <ctype.h>
#include <errno.h>

#include "basic/text.h"

static size_t name_length(const char *text) {
        size_t n = 0;

        while (isalnum((unsigned char) text[n]) || text[n] == '_')
                n++;
        return isdigit((unsigned char) *text) ? 0 : n;
}

/* What is behind "${NAME": a default, or nothing. Returns what the variable is, NULL when it is not
 * set and has no default. */
static const char *choose(const char *name, const char *rest, size_t n, char **owned) {
        const char *value = getenv(name);
        bool colon = n > 0 && rest[0] == ':';

        if (n <= (size_t) colon || rest[colon] != '-')
                return value;
        if (value && (*value || !colon))
                return value;
        *owned = strndup(rest + colon + 1, n - colon - 1);
        return *owned;
}

/* Appends what stands for the variable whose "$" is at `*at`, and moves that behind it. Returns 0,
 * -EINVAL, -ENXIO with the name in `ret_name`, or -ENOMEM. */
static int expand(const char **at, Text *text, char **ret_name) {
        const char *start = *at + 1, *end = *start == '{' ? strchr(start, '}') : NULL, *value;
        size_t n = name_length(start + (*start == '{'));
        _cleanup_free_ char *name = strndup(start + (*start == '{'), n), *owned = NULL;

        if (n == 0 || (*start == '{' && !end))
                return -EINVAL;
        if (!name)
                return -ENOMEM;
        if (end) {
                const char *rest = start + 1 + n;

                if (rest < end && *rest != '-' && strncmp(rest, ":-", 2) != 0)
                        return -EINVAL;
                value = choose(name, rest, (size_t) (end - rest), &owned);
        } else
                value = getenv(name);
        if (!value) {
                *ret_name = TAKE_PTR(name);
                return -ENXIO;
        }
        text_append(text, value);
        *at = end ? end + 1 : start + n;
        return 0;
}

static int interpolate_text(YamlNode *node, Diagnostics *diagnostics) {
        _cleanup_text_ Text text = {};
        const char *c = node->text;
        char *result;

        while (*c) {
                _cleanup_free_ char *name = NULL;
                int r = 0;

                if (*c == '$' && c[1] == '$')
                        c++;
                else if (*c == '$') {
                        r = expand(&c, &text, &name);
                        if (r == -ENXIO)
                                diagnose_error(diagnostics, &node->where,
                                               "the variable %s is not set, and has no default", name);
                        else if (r == -EINVAL)
                                diagnose_error(diagnostics, &node->where,
                                               "\"%s\" has a \"$\" that is no variable; a dollar sign is \"$$\"",
                                               node->text);
                        if (r < 0)
                                return r == -ENOMEM ? r : 0;
                        continue;
                }
                text_append_char(&text, *c++);
        }
        if (text_take(&text, &result) < 0)
                return -ENOMEM;
        free(node->text);
        node->text = result;
        return 0;
}

int compose_interpolate(YamlNode *node, Diagnostics *diagnostics) {
        int r = 0;

        if (node && node->kind == YAML_NODE_TEXT)
                return strchr(node->text, '$') ? interpolate_text(node, diagnostics) : 0;
        for (size_t i = 0; node && r >= 0 && i < node->count; i++) {
                const YamlItem *item = &node->items[i];

                /* It may become a part of a line. */
                if (item->key && strpbrk(item->key, "\n\r"))
                        diagnose_error(diagnostics, &item->key_where, "a key must be one line");
                r = compose_interpolate(item->value, diagnostics);
        }
        return r;
}

const char *compose_text(const YamlNode *node, const char *word, Diagnostics *diagnostics) {
        if (node->kind != YAML_NODE_TEXT || yaml_is_null(node))
                diagnose_error(diagnostics, &node->where, "\"%s\" must be a text", word);
        else if (strpbrk(node->text, "\n\r"))
                diagnose_error(diagnostics, &node->where, "\"%s\" must be one line", word);
        else
                return node->text;
        return NULL;
}

int compose_bool(const YamlNode *node, const char *word, Diagnostics *diagnostics) {
        if (node->kind == YAML_NODE_TEXT && (streq(node->text, "true") || streq(node->text, "yes")))
                return 1;
        if (node->kind == YAML_NODE_TEXT && (streq(node->text, "false") || streq(node->text, "no")))
                return 0;
        return diagnose_error(diagnostics, &node->where, "\"%s\" must be true or false", word);
}

void compose_left_out(const Location *where, const char *word, const char *why, Diagnostics *diagnostics) {
        diagnose_warning(diagnostics, where, "\"%s\" has no equivalent and is left out%s%s", word, why ? ": " : "",
                         why ?: "");
}

bool compose_word_is(const char *word, const char *const list[]) {
        while (*list && !streq(word, *list))
                list++;
        return *list;
}
