/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables in files of compose. */
#include "start/import/compose-variables.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "basic/text.h"

enum {
        NESTED_MAX = 8,       /* defaults in defaults */
        RESULT_MAX = 1 << 20, /* bytes of one text */
};

static size_t name_length(const char *text) {
        size_t n = 0;

        while (isalnum((unsigned char) text[n]) || text[n] == '_')
                n++;
        return isdigit((unsigned char) *text) ? 0 : n;
}

const char *compose_variable(const StringList *assignments, const char *name) {
        const char *value = getenv(name);

        for (size_t i = assignments->count; !value && i > 0; i--) {
                const char *rest = startswith(assignments->items[i - 1], name);

                if (rest && *rest == '=')
                        value = rest + 1;
        }
        return value;
}

/* A file of variables */

/* Appends what stands between double quotes, up to the other one. */
static void append_quoted(const char *c, Text *text) {
        for (; *c && *c != '"' && *c != '\n'; c++) {
                if (*c == '\\' && c[1] && c[1] != '\n') {
                        c++;
                        text_append_char(text, *c == 'n' ? '\n' : *c == 't' ? '\t' : *c);
                } else
                        text_append_char(text, *c);
        }
}

/* Of what has no quotes, white space at the end and a comment after it are no part. */
static size_t plain_length(const char *value) {
        size_t n = 0;

        for (size_t i = 0; value[i] && value[i] != '\n'; i++) {
                if (value[i] == '#' && i > 0 && isblank((unsigned char) value[i - 1]))
                        break;
                if (!isspace((unsigned char) value[i]))
                        n = i + 1;
        }
        return n;
}

static int add_assignment(const char *name, size_t n, const char *value, StringList *assignments) {
        _cleanup_text_ Text text = {};

        text_append_n(&text, name, n);
        text_append_char(&text, '=');
        if (*value == '"')
                append_quoted(value + 1, &text);
        else if (*value == '\'')
                text_append_n(&text, value + 1, strcspn(value + 1, "'\n"));
        else
                text_append_n(&text, value, plain_length(value));
        return text.failed ? -ENOMEM : string_list_add(assignments, text.data);
}

int compose_variables_read(const char *text, const char *file, StringList *assignments, Diagnostics *diagnostics) {
        unsigned number = 0;
        int r = 0;

        for (const char *line = text; r >= 0 && *line; line += strcspn(line, "\n"), line += *line == '\n') {
                const char *name = line + strspn(line, " \t"), *equals;
                size_t n;

                number++;
                if (startswith(name, "export "))
                        name += strlen("export ");
                n = name_length(name);
                equals = name + n + strspn(name + n, " \t");
                if (*name == '#' || name[strspn(name, " \t\r")] == '\n' || !name[strspn(name, " \t\r")])
                        continue;
                if (n == 0 || *equals != '=')
                        diagnose_error(diagnostics, &(Location) { file, number, (unsigned) (name - line) + 1 },
                                       "it is no NAME=VALUE");
                else
                        r = add_assignment(name, n, equals + 1 + strspn(equals + 1, " \t"), assignments);
        }
        return r;
}

/* Putting values in */

typedef struct Interpolation {
        const StringList *assignments;
        const YamlNode *node;
        Diagnostics *diagnostics;
        bool wrong; /* which has been said */
} Interpolation;

static void interpolate(Interpolation *in, const char *from, size_t n, unsigned nested, Text *text);

static void refuse(Interpolation *in) {
        if (!in->wrong)
                diagnose_error(in->diagnostics, &in->node->where,
                               "\"%s\" has a \"$\" that is no variable; a dollar sign is \"$$\"", in->node->text);
        in->wrong = true;
}

/* The end of what is in braces, before the closing one; NULL when there is none. */
static const char *find_end(const char *from, const char *end) {
        unsigned open = 0;

        for (const char *c = from; c < end; c++) {
                if (*c == '$' && c + 1 < end && (c[1] == '{' || c[1] == '$')) {
                        open += c[1] == '{';
                        c++;
                } else if (*c == '}' && open-- == 0)
                        return c;
        }
        return NULL;
}

static void append_plain(Interpolation *in, const char *name, const char *value, Text *text) {
        if (!value)
                diagnose_warning(in->diagnostics, &in->node->where, "the variable %s is not set, and taken as empty",
                                 name);
        text_append(text, value ?: "");
}

/* What is behind the name, from `rest` to `end`: nothing, or what to do by whether the variable is
 * set, and with a colon also not empty. */
static void append_braced(Interpolation *in, const char *name, const char *rest, const char *end, unsigned nested,
                          Text *text) {
        const char *value = compose_variable(in->assignments, name);
        bool colon = rest < end && *rest == ':', is_set = value && (*value || !colon);
        const char *word = rest + colon;
        char operation = word < end ? *word++ : '\0';

        if (rest == end)
                append_plain(in, name, value, text);
        else if (operation == '-' || operation == '+') {
                if (is_set == (operation == '+'))
                        interpolate(in, word, (size_t) (end - word), nested + 1, text);
                else if (operation == '-')
                        text_append(text, value);
        } else if (operation == '?') {
                if (!is_set)
                        diagnose_error(in->diagnostics, &in->node->where, "the variable %s must be set%s%.*s", name,
                                       word < end ? ": " : "", (int) (end - word), word);
                text_append(text, value ?: "");
        } else
                refuse(in);
}

/* Returns where it goes on behind the variable whose "$" is at `at`. */
static const char *expand(Interpolation *in, const char *at, const char *end, unsigned nested, Text *text) {
        bool braces = at + 1 < end && at[1] == '{';
        const char *start = at + 1 + braces, *stop = braces ? find_end(start, end) : end;
        size_t n = name_length(start);
        _cleanup_free_ char *name = NULL;

        if (!stop || n == 0 || (size_t) (stop - start) < n || nested > NESTED_MAX) {
                refuse(in);
                return end;
        }
        name = strndup(start, n);
        if (!name) {
                text->failed = true;
                return end;
        }
        if (braces)
                append_braced(in, name, start + n, stop, nested, text);
        else
                append_plain(in, name, compose_variable(in->assignments, name), text);
        return braces ? stop + 1 : start + n;
}

static void interpolate(Interpolation *in, const char *from, size_t n, unsigned nested, Text *text) {
        const char *end = from + n;

        for (const char *c = from; c < end && !in->wrong && !text->failed;)
                if (*c == '$' && c + 1 < end && c[1] == '$') {
                        text_append_char(text, '$');
                        c += 2;
                } else if (*c == '$')
                        c = expand(in, c, end, nested, text);
                else
                        text_append_char(text, *c++);
        if (text->length > RESULT_MAX)
                refuse(in);
}

static int interpolate_text(YamlNode *node, const StringList *assignments, Diagnostics *diagnostics) {
        Interpolation in = { .assignments = assignments, .node = node, .diagnostics = diagnostics };
        _cleanup_text_ Text text = {};
        char *result;

        interpolate(&in, node->text, strlen(node->text), 0, &text);
        if (in.wrong)
                return 0;
        if (text_take(&text, &result) < 0)
                return -ENOMEM;
        free(node->text);
        node->text = result;
        /* A variable without a value is a text without letters, and not nothing. */
        node->plain = false;
        return 0;
}

int compose_interpolate(YamlNode *node, const StringList *assignments, Diagnostics *diagnostics) {
        int r = 0;

        if (node && node->kind == YAML_NODE_TEXT)
                return strchr(node->text, '$') ? interpolate_text(node, assignments, diagnostics) : 0;
        for (size_t i = 0; node && r >= 0 && i < node->count; i++) {
                const YamlItem *item = &node->items[i];

                /* It may become a part of a line. */
                if (item->key && strpbrk(item->key, "\n\r"))
                        diagnose_error(diagnostics, &item->key_where, "a key must be one line");
                r = compose_interpolate(item->value, assignments, diagnostics);
        }
        return r;
}
