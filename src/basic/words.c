/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitting a value into words and quoting them again. */
#include "basic/words.h"

#include <errno.h>

#define WHITE_SPACE " \t\n\r"

static int digit_value(char c, unsigned base) {
        int value;

        if (c >= '0' && c <= '9')
                value = c - '0';
        else if (c >= 'a' && c <= 'f')
                value = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
                value = c - 'A' + 10;
        else
                return -1;
        return (unsigned) value < base ? value : -1;
}

/* Reads exactly `n` digits. Returns false when there are fewer, or when they mean NUL, which no
 * string can hold. */
static bool read_digits(const char *s, size_t n, unsigned base, uint32_t *ret) {
        uint32_t number = 0;

        for (size_t i = 0; i < n; i++) {
                int digit = digit_value(s[i], base);
                if (digit < 0)
                        return false;
                number = number * base + (uint32_t) digit;
        }
        *ret = number;
        return number != 0;
}

static void append_utf8(Text *text, uint32_t point) {
        char bytes[4];
        size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        static const unsigned char lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };

        for (size_t i = n - 1; i > 0; i--) {
                bytes[i] = (char) (0x80 | (point & 0x3f));
                point >>= 6;
        }
        bytes[0] = (char) (lead[n] | point);
        text_append_n(text, bytes, n);
}

/* Undoes the escape whose backslash `s` points behind. Returns how many bytes of `s` it took, 0
 * when it is none. */
static size_t unescape(const char *s, Text *text) {
        static const char letters[] = "abfnrtv\\\"'s", meanings[] = "\a\b\f\n\r\t\v\\\"' ";
        const char *letter = *s ? strchr(letters, *s) : NULL;
        uint32_t number;

        if (letter) {
                text_append_char(text, meanings[letter - letters]);
                return 1;
        }
        if (*s == 'x' && read_digits(s + 1, 2, 16, &number)) {
                text_append_char(text, (char) number);
                return 3;
        }
        if (*s == 'u' && read_digits(s + 1, 4, 16, &number)) {
                append_utf8(text, number);
                return 5;
        }
        if (*s == 'U' && read_digits(s + 1, 8, 16, &number) && number <= 0x10ffff) {
                append_utf8(text, number);
                return 9;
        }
        if (read_digits(s, 3, 8, &number) && number <= 0xff) {
                text_append_char(text, (char) number);
                return 3;
        }
        return 0;
}

int word_extract(const char **rest, char **ret, const char **ret_start) {
        _cleanup_text_ Text word = {};
        const char *start = *rest + strspn(*rest, WHITE_SPACE), *p = start, *quote = NULL;
        int r;

        if (!*p) {
                *rest = p;
                return 0;
        }
        while (*p && (quote || !strchr(WHITE_SPACE, *p))) {
                if (quote && *p == *quote) {
                        quote = NULL;
                        p++;
                } else if (!quote && (*p == '\'' || *p == '"'))
                        quote = p++;
                else if (*p == '\\') {
                        size_t taken = unescape(p + 1, &word);
                        if (taken == 0) {
                                *rest = p;
                                return -EINVAL;
                        }
                        p += 1 + taken;
                } else
                        text_append_char(&word, *p++);
        }
        if (quote) {
                *rest = quote;
                return -EINVAL;
        }
        /* Neither JSON nor a unit file can hold other bytes; single ones may still add up:
         * "\xc3\xa4". */
        if (word.data && !word.failed && !utf8_is_valid(word.data, word.length)) {
                *rest = start;
                return -EINVAL;
        }
        r = text_take(&word, ret);
        if (r < 0)
                return r;
        *rest = p + strspn(p, WHITE_SPACE);
        if (ret_start)
                *ret_start = start;
        return 1;
}

int words_split(const char *text, StringList *list) {
        _cleanup_string_list_ StringList words = {};
        int r;

        for (;;) {
                char *word;

                r = word_extract(&text, &word, NULL);
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
                r = string_list_take(&words, word);
                if (r < 0)
                        return r;
        }
        r = ARRAY_RESERVE(list->items, list->allocated, list->count + words.count + 1);
        if (r < 0)
                return r;
        for (size_t i = 0; i < words.count; i++)
                list->items[list->count++] = TAKE_PTR(words.items[i]);
        list->items[list->count] = NULL;
        return 0;
}

static void append_escaped(Text *text, char c) {
        static const char specials[] = "\a\b\f\n\r\t\v\\\"", letters[] = "abfnrtv\\\"";
        const char *special = strchr(specials, c);

        if (special)
                text_appendf(text, "\\%c", letters[special - specials]);
        else
                text_appendf(text, "\\x%02x", (unsigned char) c);
}

void word_append_quoted(Text *text, const char *word, bool percent, bool dollar) {
        /* A lone ";" would separate commands, and "#" could be taken for a comment. */
        bool quote = !*word || strpbrk(word, WHITE_SPACE "\"'\\;#"), printable = utf8_is_valid(word, strlen(word));

        if (quote)
                text_append_char(text, '"');
        for (const char *p = word; *p; p++) {
                unsigned char c = (unsigned char) *p;

                if (c == '\\' || c == '"' || c < 0x20 || c == 0x7f || (c >= 0x80 && !printable))
                        append_escaped(text, *p);
                else if ((c == '%' && percent) || (c == '$' && dollar)) {
                        text_append_char(text, *p);
                        text_append_char(text, *p);
                } else
                        text_append_char(text, *p);
        }
        if (quote)
                text_append_char(text, '"');
}
