/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: commands. */
#include "config/value/value-internal.h"

#include <ctype.h>
#include <errno.h>

/* Puts the items of `from` into `field` instead of what was there. */
static void replace_list(StringList *field, StringList *from) {
        string_list_done(field);
        *field = *from;
        *from = (StringList) {};
}

/* Exec= */

/* Appends what one word of a command becomes; a variable may be several, or none. */
static int add_command_word(const ValueContext *context, const Entry *entry, const char *start, const char *raw,
                            StringList *list) {
        _cleanup_string_list_ StringList words = {};
        int r = value_expand_variables(context, entry, start, raw, &words);

        for (size_t i = 0; i < words.count && r >= 0; i++) {
                char *word;

                r = value_expand(context, entry, start, words.items[i], &word);
                if (r >= 0)
                        r = string_list_take(list, word);
        }
        return r;
}

int parse_command(const ValueContext *context, _unused_ const Key *key, const Entry *entry, void *field) {
        _cleanup_string_list_ StringList words = {};
        const char *rest = entry->value;
        int result = 0;

        for (;;) {
                _cleanup_free_ char *raw = NULL;
                const char *start;
                int r = value_next_word(context, entry, &rest, &raw, &start);

                if (r == 0)
                        break;
                if (r > 0)
                        r = add_command_word(context, entry, start, raw, &words);
                else if (r == -EREPORTED)
                        return r;
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
        }
        if (result >= 0)
                replace_list(field, &words);
        return result;
}

/* Entrypoint= */

/* The four hexadecimal digits of a JSON "\uXXXX". */
static bool json_unit(const char *s, uint32_t *ret) {
        uint32_t unit = 0;

        for (size_t i = 0; i < 4; i++) {
                if (!isxdigit((unsigned char) s[i]))
                        return false;
                unit = unit * 16 + (uint32_t) (isdigit((unsigned char) s[i])
                                                               ? s[i] - '0'
                                                               : tolower((unsigned char) s[i]) - 'a' + 10);
        }
        *ret = unit;
        return true;
}

/* Undoes the escape whose backslash `s` points behind. Returns how many bytes of `s` it took, 0
 * when it is none. */
static size_t json_escape(const char *s, Text *text) {
        static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
        const char *letter = *s ? strchr(letters, *s) : NULL;
        uint32_t unit, low;

        if (letter) {
                text_append_char(text, meanings[letter - letters]);
                return 1;
        }
        if (*s != 'u' || !json_unit(s + 1, &unit) || unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
                return 0;
        if (unit < 0xd800 || unit > 0xdbff) {
                text_append_code_point(text, unit);
                return 5;
        }
        if (s[5] != '\\' || s[6] != 'u' || !json_unit(s + 7, &low) || low < 0xdc00 || low > 0xdfff)
                return 0;
        text_append_code_point(text, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        return 11;
}

/* Takes a JSON string from `*rest`, which points at its first quote. Returns 0, -EINVAL with
 * `*rest` at the fault, or -ENOMEM. */
static int json_string(const char **rest, char **ret) {
        _cleanup_text_ Text text = {};
        const char *p = *rest + 1;
        int r;

        while (*p != '"') {
                size_t taken = *p == '\\' ? json_escape(p + 1, &text) : 0;

                if ((unsigned char) *p < 0x20 || (*p == '\\' && taken == 0)) {
                        *rest = p;
                        return -EINVAL;
                }
                if (taken == 0)
                        text_append_char(&text, *p);
                p += 1 + taken;
        }
        r = text_take(&text, ret);
        if (r >= 0)
                *rest = p + 1;
        return r;
}

int value_json_strings(const char **rest, StringList *list) {
        const char *p = *rest + 1;
        int r;

        for (;;) {
                char *string;

                p += strspn(p, " \t");
                if (*p == ']' && list->count == 0)
                        break;
                *rest = p;
                if (*p != '"')
                        return -EINVAL;
                r = json_string(rest, &string);
                if (r < 0)
                        return r;
                r = string_list_take(list, string);
                if (r < 0)
                        return r;
                p = *rest + strspn(*rest, " \t");
                if (*p == ']')
                        break;
                *rest = p;
                if (*p++ != ',')
                        return -EINVAL;
        }
        *rest = p + 1;
        return **rest ? -EINVAL : 0;
}

/* Podman takes what is no JSON array as the name of one program. */
static int split_entrypoint(const ValueContext *context, const Key *key, const Entry *entry, StringList *words) {
        const char *rest = entry->value, *start;
        Location where;
        char *word;
        int r;

        if (*rest == '[') {
                r = value_json_strings(&rest, words);
                if (r != -EINVAL)
                        return r;
                where = entry_location(entry, (size_t) (rest - entry->value));
                return diagnose_error(context->diagnostics, &where, "\"%s\" is no JSON array of strings", key->name);
        }
        r = value_next_word(context, entry, &rest, &word, &start);
        if (r <= 0)
                return r;
        r = string_list_take(words, word);
        if (r < 0 || !*rest)
                return r;
        where = entry_location(entry, (size_t) (rest - entry->value));
        return diagnose_error(context->diagnostics, &where,
                              "\"%s\" is one program; write [\"program\", \"argument\"] for more", key->name);
}

int parse_entrypoint(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_string_list_ StringList words = {}, whole = {};
        Entry plain = *entry;
        int r;

        /* An array, too, is one word of podman's command line. */
        r = value_expand_variables(context, entry, entry->value, entry->value, &whole);
        if (r < 0)
                return r;
        plain.value = whole.count == 1 ? whole.items[0] : (char *) "";
        entry = &plain;
        r = split_entrypoint(context, key, entry, &words);
        for (size_t i = 0; i < words.count && r >= 0; i++) {
                char *expanded;

                r = value_expand(context, entry, entry->value, words.items[i], &expanded);
                if (r >= 0) {
                        free(words.items[i]);
                        words.items[i] = expanded;
                }
        }
        if (r >= 0)
                replace_list(field, &words);
        return r;
}
