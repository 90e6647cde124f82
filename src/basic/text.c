/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A length-checked string that grows. */
#include "basic/text.h"

#include <ctype.h>
#include <errno.h>
#include <time.h>

void text_append_n(Text *text, const char *bytes, size_t n) {
        size_t need;

        if (text->failed)
                return;
        if (__builtin_add_overflow(text->length, n, &need) || __builtin_add_overflow(need, 1, &need) ||
            ARRAY_RESERVE(text->data, text->allocated, need) < 0) {
                text->failed = true;
                return;
        }
        if (n > 0)
                memcpy(text->data + text->length, bytes, n);
        text->length += n;
        text->data[text->length] = '\0';
}

void text_append(Text *text, const char *string) {
        text_append_n(text, string, strlen(string));
}

void text_append_char(Text *text, char c) {
        if (text->failed || text->length + 1 >= text->allocated) {
                text_append_n(text, &c, 1);
                return;
        }
        text->data[text->length++] = c;
        text->data[text->length] = '\0';
}

void text_append_code_point(Text *text, uint32_t point) {
        static const unsigned char lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
        size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        char bytes[4];

        for (size_t i = n - 1; i > 0; i--) {
                bytes[i] = (char) (0x80 | (point & 0x3f));
                point >>= 6;
        }
        bytes[0] = (char) (lead[n] | point);
        text_append_n(text, bytes, n);
}

void text_vappendf(Text *text, const char *format, va_list arguments) {
        size_t space = text->allocated - text->length;
        va_list again;
        int n;

        if (text->failed)
                return;
        va_copy(again, arguments);
        n = vsnprintf(text->data ? text->data + text->length : NULL, space, format, arguments);
        if (n >= 0 && (size_t) n >= space) {
                if (ARRAY_RESERVE(text->data, text->allocated, text->length + (size_t) n + 1) < 0)
                        n = -1;
                else
                        n = vsnprintf(text->data + text->length, (size_t) n + 1, format, again);
        }
        va_end(again);
        if (n >= 0)
                text->length += (size_t) n;
        else
                text->failed = true;
        if (text->data)
                text->data[text->length] = '\0';
}

void text_appendf(Text *text, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(text, format, arguments);
        va_end(arguments);
}

int text_take(Text *text, char **ret) {
        if (text->failed)
                return -ENOMEM;
        if (!text->data) {
                char *empty = strdup("");
                if (!empty)
                        return -ENOMEM;
                *ret = empty;
                return 0;
        }
        *ret = TAKE_PTR(text->data);
        text->length = text->allocated = 0;
        return 0;
}

void text_done(Text *text) {
        text->data = x_free(text->data);
        text->length = text->allocated = 0;
}

char *text_format(const char *format, ...) {
        char *formatted = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&formatted, format, arguments);
        va_end(arguments);
        return n < 0 ? NULL : formatted;
}

/* The length of the UTF-8 sequence at `s` of at most `n` bytes, or 0 when it is not valid. */
static size_t utf8_sequence(const unsigned char *s, size_t n) {
        uint32_t point, least;
        size_t length;

        if (s[0] < 0x80)
                return s[0] != 0;
        if ((s[0] & 0xe0) == 0xc0)
                length = 2, point = s[0] & 0x1f, least = 0x80;
        else if ((s[0] & 0xf0) == 0xe0)
                length = 3, point = s[0] & 0x0f, least = 0x800;
        else if ((s[0] & 0xf8) == 0xf0)
                length = 4, point = s[0] & 0x07, least = 0x10000;
        else
                return 0;
        if (length > n)
                return 0;
        for (size_t i = 1; i < length; i++) {
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
                point = point << 6 | (s[i] & 0x3f);
        }
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
                return 0;
        return length;
}

bool text_has_control(const char *text) {
        for (; *text; text++)
                if ((unsigned char) *text < ' ' || *text == 0x7f)
                        return true;
        return false;
}

size_t utf8_valid_prefix(const char *bytes, size_t n) {
        size_t i = 0;

        while (i < n) {
                size_t length = utf8_sequence((const unsigned char *) bytes + i, n - i);
                if (length == 0)
                        break;
                i += length;
        }
        return i;
}

bool utf8_is_valid(const char *bytes, size_t n) {
        return utf8_valid_prefix(bytes, n) == n;
}

/* Of one character in UTF-8. Those that change the direction of what comes after them make a line
 * read as another (Unicode's bidirectional formatting characters), and separators end it. */
static bool gives_orders(const unsigned char *s) {
        static const char *const others[] = {
                "\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b",
                "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
        };

        if (*s < ' ' || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0))
                return true;
        for (size_t i = 0; *s >= 0x80 && i < ARRAY_SIZE(others); i++)
                if (memcmp(s, others[i], *s >= 0xe0 ? 3 : 2) == 0)
                        return true;
        return false;
}

void text_append_visible(Text *text, const char *bytes, size_t n) {
        const unsigned char *s = (const unsigned char *) bytes;

        for (size_t i = 0, length; i < n; i += length) {
                length = utf8_sequence(s + i, n - i);
                if (length > 0 && !gives_orders(s + i)) {
                        text_append_n(text, bytes + i, length);
                        continue;
                }
                length += length == 0;
                for (size_t j = 0; j < length; j++)
                        text_appendf(text, "\\x%02x", s[i + j]);
        }
}

void text_append_visible_lines(Text *text, const char *bytes, size_t n) {
        for (size_t i = 0, end; i < n; i = end + 1) {
                end = i;
                while (end < n && bytes[end] != '\n' && bytes[end] != '\t')
                        end++;
                text_append_visible(text, bytes + i, end - i);
                if (end < n)
                        text_append_char(text, bytes[end]);
        }
}

unsigned text_edit_distance(const char *a, const char *b, unsigned limit) {
        enum { LONGEST = 64 };
        unsigned row[LONGEST + 1];
        size_t n = strlen(a), m = strlen(b);

        if (n > LONGEST || m > LONGEST)
                return limit + 1;
        for (size_t j = 0; j <= m; j++)
                row[j] = (unsigned) j;
        for (size_t i = 1; i <= n; i++) {
                unsigned diagonal = row[0];
                row[0] = (unsigned) i;
                for (size_t j = 1; j <= m; j++) {
                        bool same = tolower((unsigned char) a[i - 1]) == tolower((unsigned char) b[j - 1]);
                        unsigned best = diagonal + !same;
                        diagonal = row[j];
                        if (row[j] + 1 < best)
                                best = row[j] + 1;
                        if (row[j - 1] + 1 < best)
                                best = row[j - 1] + 1;
                        row[j] = best;
                }
        }
        return row[m] > limit ? limit + 1 : row[m];
}

void nearest_consider(Nearest *nearest, const char *candidate) {
        size_t n = strlen(nearest->wanted);
        /* One slip in a short word, up to three in a long one: more would suggest words that nobody
         * meant. */
        unsigned limit = n < 2 ? 0 : n < 4 ? 1 : n < 9 ? 2 : 3, distance;

        if (nearest->name && nearest->distance == 0)
                return;
        if (nearest->name)
                limit = nearest->distance - 1;
        distance = text_edit_distance(nearest->wanted, candidate, limit);
        if (distance <= limit) {
                nearest->name = candidate;
                nearest->distance = distance;
        }
}

char *text_of_now(void) {
        struct timespec now = {};
        char seconds[sizeof("YYYY-MM-DDTHH:MM:SS") + 16];
        struct tm tm;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        if (!gmtime_r(&now.tv_sec, &tm) || strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
                return NULL;
        return text_format("%s.%09ldZ", seconds, now.tv_nsec);
}

char *text_of_time(uint64_t usec) {
        const time_t seconds = (time_t) (usec / 1000000);
        char text[sizeof("-2147483648-12-31T23:59:59Z")];
        struct tm tm;

        if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                return NULL;
        return strdup(text);
}

char *text_of_bytes(uint64_t bytes) {
        static const char units[] = "BKMGTPE";
        double size = (double) bytes;
        size_t unit = 0;

        for (; size >= 1024 && units[unit + 1]; unit++)
                size /= 1024;
        return text_format(unit > 0 && size < 10 ? "%.1f%c" : "%.0f%c", size, units[unit]);
}
