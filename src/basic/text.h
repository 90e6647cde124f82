/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A length-checked string that grows: the one way text is put together here. */
#pragma once

#include <stdarg.h>

#include "basic/alloc.h"

/* Zero-initialise with {}. An allocation failure is remembered in `failed`, further appends do
 * nothing, and text_take() reports it, so callers check once. */
typedef struct Text {
        char *data; /* NUL-terminated once anything was appended, owned */
        size_t length;
        size_t allocated;
        bool failed;
} Text;

void text_append(Text *text, const char *string);
void text_append_n(Text *text, const char *bytes, size_t n);
void text_append_char(Text *text, char c);
/* One character in UTF-8. */
void text_append_code_point(Text *text, uint32_t point);
void text_appendf(Text *text, const char *format, ...) _printf_(2, 3);
void text_vappendf(Text *text, const char *format, va_list arguments) _printf_(2, 0);

/* Appends `n` bytes as they may be shown on a terminal: control characters, those of U+0080 to
 * U+009F too, what changes the direction of writing, and what is no UTF-8 are written as \xHH. */
void text_append_visible(Text *text, const char *bytes, size_t n);

/* The same, with newlines and tabs as they are. */
void text_append_visible_lines(Text *text, const char *bytes, size_t n);

/* Moves the text out (never NULL on success, "" when nothing was appended). Returns 0 or -ENOMEM.
 * Caller frees. */
int text_take(Text *text, char **ret);

void text_done(Text *text);
#define _cleanup_text_ _cleanup_(text_done)

/* A formatted string, or NULL when memory is short. Caller frees. */
char *text_format(const char *format, ...) _printf_(1, 2);

/* The time now by RFC 3339, in UTC and with nanoseconds: "2001-02-03T04:05:06.000000007Z". NULL
 * when memory is short. Caller frees. */
char *text_of_now(void);

/* A time of the realtime clock, in microseconds, in the same form, to the second:
 * "2001-02-03T04:05:06Z". NULL when it cannot be said or memory is short. Caller frees. */
char *text_of_time(uint64_t usec);

/* A size for people, by powers of 1024: "512B", "1.5K", "20M", "1.2G". NULL when memory is short.
 * Caller frees. */
char *text_of_bytes(uint64_t bytes);

/* Whether a control character of ASCII is in it, as a newline is. */
bool text_has_control(const char *text);

/* How many of the `n` bytes come before the first that is not valid UTF-8, or is NUL; `n` when
 * there is none. */
size_t utf8_valid_prefix(const char *bytes, size_t n);

/* Whether `n` bytes are valid UTF-8 (RFC 3629: no surrogates, nothing over-long, at most U+10FFFF)
 * without NUL. */
bool utf8_is_valid(const char *bytes, size_t n);

/* The number of single-character edits that turn `a` into `b`, capped at `limit` + 1; for "did you
 * mean". */
unsigned text_edit_distance(const char *a, const char *b, unsigned limit);

/* The candidate nearest to a mistyped `wanted`, of those considered so far; NULL when none is near
 * enough to be meant. Initialise with { .wanted = … }. */
typedef struct Nearest {
        const char *wanted;
        const char *name; /* borrowed */
        unsigned distance;
} Nearest;

void nearest_consider(Nearest *nearest, const char *candidate);
