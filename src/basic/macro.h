/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small compile-time helpers that every file may use. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _printf_(string, first) __attribute__((format(printf, string, first)))
#define _unused_ __attribute__((unused))

/* Hands over what a cleanup attribute would otherwise release. */
#define TAKE_PTR(pointer)                                                                                              \
        ({                                                                                                             \
                typeof(pointer) _taken = (pointer);                                                                    \
                (pointer) = NULL;                                                                                      \
                _taken;                                                                                                \
        })

#define TAKE_FD(fd)                                                                                                    \
        ({                                                                                                             \
                int _taken = (fd);                                                                                     \
                (fd) = -EBADF;                                                                                         \
                _taken;                                                                                                \
        })

static inline bool streq(const char *a, const char *b) {
        return strcmp(a, b) == 0;
}

/* Two strings of which either may be NULL. */
static inline bool streq_null(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* What follows `prefix` in `text`, or NULL when `text` does not start with it. */
static inline const char *startswith(const char *text, const char *prefix) {
        size_t n = strlen(prefix);
        return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* Where `suffix` begins in `text`, or NULL when `text` does not end with it. */
static inline const char *endswith(const char *text, const char *suffix) {
        size_t n = strlen(text), m = strlen(suffix);
        return n >= m && strcmp(text + n - m, suffix) == 0 ? text + n - m : NULL;
}
