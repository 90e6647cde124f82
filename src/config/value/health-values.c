/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parser of HealthCmd= and HealthStartupCmd=: all spellings of podman, whose form is that of
 * an image's Healthcheck. */
#include "config/value/value-internal.h"

#include <errno.h>

#define WHITE_SPACE " \t"

/* What begins in such a way is one; "[ -e /run/up ]" is a command of the shell. */
static bool looks_like_array(const char *text) {
        return startswith(text, "[\"") || streq(text, "[]");
}

/* "CMD-SHELL", which podman writes in any case, and the words behind it as one. */
static int take_shell(const StringList *words, size_t first, StringList *ret) {
        _cleanup_text_ Text text = {};
        char *joined;
        int r;

        for (size_t i = first; i < words->count; i++)
                text_appendf(&text, "%s%s", i > first ? " " : "", words->items[i]);
        r = text_take(&text, &joined);
        if (r < 0)
                return r;
        r = string_list_add(ret, "CMD-SHELL");
        if (r < 0) {
                free(joined);
                return r;
        }
        return string_list_take(ret, joined);
}

static int take_command(const StringList *words, size_t first, StringList *ret) {
        int r = string_list_add(ret, "CMD");

        for (size_t i = first; r >= 0 && i < words->count; i++)
                r = string_list_add(ret, words->items[i]);
        return r;
}

/* An array without one of the words is a program with its arguments, or for the shell when it is a
 * single string, as with podman. */
static int take_words(const StringList *words, StringList *ret) {
        if (words->count == 0)
                return 0;
        if (strcasecmp(words->items[0], "NONE") == 0)
                return string_list_add(ret, "NONE");
        if (strcasecmp(words->items[0], "CMD") == 0)
                return take_command(words, 1, ret);
        if (strcasecmp(words->items[0], "CMD-SHELL") == 0)
                return take_shell(words, 1, ret);
        return words->count == 1 ? take_shell(words, 0, ret) : take_command(words, 0, ret);
}

/* Podman takes the words behind "CMD" apart at white space alone. */
static int take_text(const char *text, StringList *ret) {
        _cleanup_string_list_ StringList words = {};
        size_t n = strcspn(text, WHITE_SPACE);
        int r;

        if (n == strlen("CMD") && strncasecmp(text, "CMD", n) == 0) {
                r = string_list_add_split(&words, text, strlen(text), WHITE_SPACE);
                return r < 0 ? r : take_words(&words, ret);
        }
        if (n == strlen("NONE") && strncasecmp(text, "NONE", n) == 0)
                return string_list_add(ret, "NONE");
        if (n == strlen("CMD-SHELL") && strncasecmp(text, "CMD-SHELL", n) == 0)
                text += n + strspn(text + n, WHITE_SPACE);
        r = string_list_add(&words, text);
        return r < 0 ? r : take_shell(&words, 0, ret);
}

int parse_health_command(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_string_list_ StringList words = {}, command = {};
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        const char *rest;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        rest = text;
        r = *text == '[' ? value_json_strings(&rest, &words) : -EINVAL;
        if (r == -EINVAL && looks_like_array(text))
                return diagnose_error(context->diagnostics, &where, "\"%s\" is no JSON array of strings", key->name);
        r = r == -EINVAL ? take_text(text, &command) : r < 0 ? r : take_words(&words, &command);
        if (r < 0)
                return r;
        if (command.count == 0 || (!streq(command.items[0], "NONE") && (command.count < 2 || !*command.items[1])))
                return value_refuse(context, key, &where, "a command or none", text);
        done_list(field);
        *(StringList *) field = command;
        command = (StringList) {};
        return 0;
}
