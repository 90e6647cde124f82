/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables of a command line, as systemd.service(5) has them. */
#include "config/expand-variables.h"

#include <errno.h>
#include <unistd.h>

#include "basic/text.h"

#define WHITE_SPACE " \t\n\r"

/* Finds the next "$$" or "${NAME}" from `p` on. Returns where it begins, NULL when there is none;
 * `ret_end` gets where it ends, `ret_name_size` the size of the name, 0 for "$$". A colon would
 * begin a default value, which systemd does not know in command lines: it leaves all of that. */
static const char *find_reference(const char *p, const char **ret_end, size_t *ret_name_size) {
        for (; (p = strchr(p, '$')); p++) {
                size_t n;

                if (p[1] == '$') {
                        *ret_end = p + 2;
                        *ret_name_size = 0;
                        return p;
                }
                if (p[1] != '{')
                        continue;
                n = strcspn(p + 2, "}:");
                if (p[2 + n] != '}')
                        continue;
                *ret_end = p + 2 + n + 1;
                *ret_name_size = n;
                return p;
        }
        return NULL;
}

/* Whether all of the word is one variable, to be split into words. */
static bool is_whole(const char *word) {
        return word[0] == '$' && word[1] != '{' && word[1] != '$';
}

/* Returns the value, or NULL. */
static const char *look_up(const Variables *variables, const char *name, size_t n) {
        const char *value = NULL;

        for (size_t i = 0; i < variables->assignments->count && n > 0; i++) {
                const char *assignment = variables->assignments->items[i];

                if (strncmp(assignment, name, n) == 0 && assignment[n] == '=')
                        value = assignment + n + 1;
        }
        return value;
}

const char *variables_find(const Variables *variables, const char *name) {
        return look_up(variables, name, strlen(name));
}

bool variables_are_known(const Variables *variables, const char *word) {
        const char *end;
        size_t n;

        if (variables->complete)
                return true;
        if (is_whole(word))
                return look_up(variables, word + 1, strlen(word + 1));
        for (const char *found; (found = find_reference(word, &end, &n)); word = end)
                if (*(end - 1) == '}' && !look_up(variables, found + 2, n))
                        return false;
        return true;
}

int variables_expand_part(const Variables *variables, const char *part, char **ret, StringList *unset) {
        _cleanup_text_ Text text = {};
        const char *end;
        size_t n;

        for (const char *found; (found = find_reference(part, &end, &n)); part = end) {
                const char *value = "$";

                if (*(end - 1) == '}')
                        value = look_up(variables, found + 2, n);
                if (!value && string_list_add_n(unset, found, (size_t) (end - found)) < 0)
                        return -ENOMEM;
                text_append_n(&text, part, (size_t) (found - part));
                text_append(&text, value ?: "");
        }
        text_append(&text, part);
        return text_take(&text, ret);
}

/* Takes the next word of a variable's value: quotes group, a backslash keeps the byte behind it,
 * and an open quote ends with the value. Returns 1, 0 at the end, or -ENOMEM. */
static int next_word(const char **rest, char **ret) {
        const char *p = *rest + strspn(*rest, WHITE_SPACE);
        _cleanup_text_ Text word = {};
        char quote = '\0';
        int r;

        if (!*p)
                return 0;
        for (; *p && (quote || !strchr(WHITE_SPACE, *p)); p++)
                if (quote && *p == quote)
                        quote = '\0';
                else if (!quote && (*p == '"' || *p == '\''))
                        quote = *p;
                else if (*p == '\\' && p[1])
                        text_append_char(&word, *++p);
                else if (*p != '\\')
                        text_append_char(&word, *p);
        *rest = p;
        r = text_take(&word, ret);
        return r < 0 ? r : 1;
}

int variables_expand_word(const Variables *variables, const char *word, StringList *words, StringList *unset) {
        const char *value;
        char *expanded;
        int r;

        if (!is_whole(word)) {
                r = variables_expand_part(variables, word, &expanded, unset);
                return r < 0 ? r : string_list_take(words, expanded);
        }
        value = look_up(variables, word + 1, strlen(word + 1));
        if (!value)
                return string_list_add(unset, word);
        while ((r = next_word(&value, &expanded)) > 0)
                if (string_list_take(words, expanded) < 0)
                        return -ENOMEM;
        return r;
}

StringList variables_of_process(void) {
        StringList list = { .items = environ };

        while (environ && environ[list.count])
                list.count++;
        return list;
}
