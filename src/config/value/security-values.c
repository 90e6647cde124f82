/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and levels of SELinux, as far as they can be told from nonsense without a policy. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "config/value/value-internal.h"

/* Policies have at most this many categories by default, and every one that we know has it so. */
enum { LAST_CATEGORY = 1023 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int set_checked(bool sound, const char *what, const ValueContext *context, const Key *key, const Entry *entry,
                       char *text, char **field) {
        Location where = entry_location(entry, 0);

        if (!sound)
                return value_refuse(context, key, &where, what, text);
        free(*field);
        *field = strdup(text);
        return *field ? 0 : -ENOMEM;
}

/* An identifier of the policy language, "container_t". */
int parse_selinux_type(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL;
        int r = value_text(context, entry, &text);

        if (r < 0)
                return r;
        return set_checked(isalpha((unsigned char) text[0]) && !text[strspn(text, LETTERS "0123456789_.-")],
                           "the name of a type", context, key, entry, text, field);
}

/* A letter and a number, "s0" or "c1023"; moves past it. */
static bool take_numbered(const char **text, char letter, long most, long *ret) {
        char *end;

        if (**text != letter || !isdigit((unsigned char) (*text)[1]))
                return false;
        errno = 0;
        *ret = strtol(*text + 1, &end, 10);
        *text = end;
        return errno == 0 && *ret <= most;
}

/* "c1", "c1,c2", "c1.c5" for all from the one to the other */
static bool take_categories(const char **text) {
        long first, last;

        do {
                if (!take_numbered(text, 'c', LAST_CATEGORY, &first))
                        return false;
                if (**text == '.') {
                        (*text)++;
                        if (!take_numbered(text, 'c', LAST_CATEGORY, &last) || last <= first)
                                return false;
                }
        } while (**text == ',' && *(*text)++);
        return true;
}

static bool take_level(const char **text) {
        enum { LAST_SENSITIVITY = 15 };
        long sensitivity;

        if (!take_numbered(text, 's', LAST_SENSITIVITY, &sensitivity))
                return false;
        if (**text != ':')
                return true;
        (*text)++;
        return take_categories(text);
}

/* "s0", "s0:c1,c2", and a range of two such, "s0-s0:c0.c1023" */
static bool is_level(const char *text) {
        if (!take_level(&text))
                return false;
        if (*text != '-')
                return !*text;
        text++;
        return take_level(&text) && !*text;
}

int parse_selinux_level(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        int r = value_text(context, entry, &text);

        if (r < 0)
                return r;
        /* The machine's policy has the last word; mcstransd(8) may give levels names. */
        if (!is_level(text) && isalnum((unsigned char) text[0]) && !text[strspn(text, LETTERS "0123456789_.:,-")])
                diagnose_warning(context->diagnostics, &where, "\"%s\" is no level such as s0:c1,c2", text);
        else if (!is_level(text))
                return value_refuse(context, key, &where, "a level such as s0:c1,c2", text);
        return set_checked(true, NULL, context, key, entry, text, field);
}
