/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: booleans, sizes, time spans, signals and modes. */
#include "config/value/value-internal.h"

#include "basic/numbers.h"

#define DEFINE_SCALAR(type, convert, what)                                                                             \
        int parse_##type(const ValueContext *context, const Key *key, const Entry *entry, void *field) {               \
                _cleanup_free_ char *text = NULL;                                                                      \
                Location where = entry_location(entry, 0);                                                             \
                int r;                                                                                                 \
                                                                                                                       \
                r = value_text(context, entry, &text);                                                                 \
                if (r < 0)                                                                                             \
                        return r;                                                                                      \
                return value_checked(convert(text, field), context, key, &where, what, text);                          \
        }

static int value_usec_or_disable(const char *text, uint64_t *ret) {
        if (!streq(text, "disable"))
                return text_to_usec(text, ret);
        *ret = USEC_INFINITY;
        return 0;
}

DEFINE_SCALAR(bool, text_to_bool, "a boolean")
DEFINE_SCALAR(mode, text_to_mode, "an octal mode such as 0022")
DEFINE_SCALAR(size, text_to_size, "a size such as 512m")
DEFINE_SCALAR(usec, text_to_usec, "a time span such as 1m30s")
DEFINE_SCALAR(usec_or_disable, value_usec_or_disable, "a time span such as 1m30s, or disable")
DEFINE_SCALAR(seconds, text_to_usec, "a number of seconds")
DEFINE_SCALAR(signal, text_to_signal, "a signal such as SIGTERM")
