/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Booleans, numbers, sizes, time spans, signals and modes, as text. */
#include "basic/numbers.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>

#include "basic/text.h"

int text_to_bool(const char *text, bool *ret) {
        static const char *const yes[] = { "yes", "true", "on", "1", "y", "t" };
        static const char *const no[] = { "no", "false", "off", "0", "n", "f" };

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                bool is_yes = strcasecmp(text, yes[i]) == 0;
                if (is_yes || strcasecmp(text, no[i]) == 0) {
                        *ret = is_yes;
                        return 0;
                }
        }
        return -EINVAL;
}

int text_to_unsigned(const char *text, uint64_t most, uint64_t *ret) {
        uint64_t number = 0;
        bool too_large = false;

        if (!*text)
                return -EINVAL;
        for (; *text; text++) {
                if (!isdigit((unsigned char) *text))
                        return -EINVAL;
                if (__builtin_mul_overflow(number, 10, &number) ||
                    __builtin_add_overflow(number, (uint64_t) (*text - '0'), &number))
                        too_large = true;
        }
        if (too_large || number > most)
                return -ERANGE;
        *ret = number;
        return 0;
}

/* A decimal number whose unit is not known yet: whole + fraction / scale. */
typedef struct Decimal {
        uint64_t whole;
        uint64_t fraction;
        uint64_t scale;
} Decimal;

/* Reads one from `*text` and moves it behind. Five digits of a fraction count: with the largest
 * units they are what 64 bits can hold. */
static int decimal_read(const char **text, Decimal *ret) {
        enum { MOST_SCALE = 100000 };
        const char *p = *text;
        Decimal decimal = { .scale = 1 };
        bool too_large = false;

        if (!isdigit((unsigned char) *p))
                return -EINVAL;
        for (; isdigit((unsigned char) *p); p++)
                if (__builtin_mul_overflow(decimal.whole, 10, &decimal.whole) ||
                    __builtin_add_overflow(decimal.whole, (uint64_t) (*p - '0'), &decimal.whole))
                        too_large = true;
        if (*p == '.') {
                if (!isdigit((unsigned char) *++p))
                        return -EINVAL;
                for (; isdigit((unsigned char) *p); p++)
                        if (decimal.scale < MOST_SCALE) {
                                decimal.fraction = decimal.fraction * 10 + (uint64_t) (*p - '0');
                                decimal.scale *= 10;
                        }
        }
        if (too_large)
                return -ERANGE;
        *text = p;
        *ret = decimal;
        return 0;
}

/* Adds `decimal` times `unit` to `*sum`. */
static int decimal_add(const Decimal *decimal, uint64_t unit, uint64_t *sum) {
        uint64_t product;

        if (__builtin_mul_overflow(decimal->whole, unit, &product) ||
            __builtin_add_overflow(product, decimal->fraction * unit / decimal->scale, &product) ||
            __builtin_add_overflow(*sum, product, sum))
                return -ERANGE;
        return 0;
}

int text_to_size(const char *text, uint64_t *ret) {
        static const char suffixes[] = "bkmgt";
        uint64_t size = 0;
        Decimal decimal;
        int r;

        r = decimal_read(&text, &decimal);
        if (r < 0)
                return r;
        text += strspn(text, " ");
        if (*text) {
                const char *suffix = strchr(suffixes, tolower((unsigned char) *text));
                unsigned shift = suffix ? (unsigned) (suffix - suffixes) * 10 : 0;

                if (!suffix ||
                    (text[1] && (shift == 0 || (strcasecmp(text + 1, "b") != 0 && strcasecmp(text + 1, "ib") != 0))))
                        return -EINVAL;
                r = decimal_add(&decimal, UINT64_C(1) << shift, &size);
        } else
                r = decimal_add(&decimal, 1, &size);
        if (r < 0)
                return r;
        if (size > INT64_MAX)
                return -ERANGE;
        *ret = size;
        return 0;
}

/* The units of systemd.time(7), to which those of podman's durations (h, m, s, ms, us) belong.
 * Longer names stand before their beginnings. */
static const struct TimeUnit {
        const char *name;
        uint64_t usec;
} time_units[] = {
        { "seconds", 1000000 },         { "second", 1000000 },          { "sec", 1000000 },
        { "minutes", 60000000 },        { "minute", 60000000 },         { "min", 60000000 },
        { "months", 2629800000000 },    { "month", 2629800000000 },     { "M", 2629800000000 },
        { "msec", 1000 },               { "ms", 1000 },                 { "m", 60000000 },
        { "hours", 3600000000 },        { "hour", 3600000000 },         { "hr", 3600000000 },       { "h", 3600000000 },
        { "days", 86400000000 },        { "day", 86400000000 },         { "d", 86400000000 },
        { "weeks", 604800000000 },      { "week", 604800000000 },       { "w", 604800000000 },
        { "years", 31557600000000 },    { "year", 31557600000000 },     { "y", 31557600000000 },
        { "usec", 1 },                  { "us", 1 },                    { "µs", 1 },                { "s", 1000000 },
};

int text_to_usec(const char *text, uint64_t *ret) {
        uint64_t sum = 0;

        text += strspn(text, " \t");
        do {
                const char *after = NULL;
                uint64_t unit = 1000000;
                Decimal decimal;
                int r;

                r = decimal_read(&text, &decimal);
                if (r < 0)
                        return r;
                text += strspn(text, " \t");
                for (size_t i = 0; i < ARRAY_SIZE(time_units) && !after; i++) {
                        after = startswith(text, time_units[i].name);
                        unit = after ? time_units[i].usec : unit;
                }
                if (after)
                        text = after;
                r = decimal_add(&decimal, unit, &sum);
                if (r < 0)
                        return r;
                text += strspn(text, " \t");
        } while (*text);
        if (sum > INT64_MAX)
                return -ERANGE;
        *ret = sum;
        return 0;
}

/* The offset in "SIGRTMIN+3" behind its name, or "-2" behind SIGRTMAX; nothing is 0. */
static int realtime_signal(const char *offset, int base, char sign, int *ret) {
        uint64_t number = 0;

        if (*offset && (*offset != sign || text_to_unsigned(offset + 1, (uint64_t) (SIGRTMAX - SIGRTMIN), &number) < 0))
                return -EINVAL;
        *ret = sign == '+' ? base + (int) number : base - (int) number;
        return 0;
}

int text_to_signal(const char *text, int *ret) {
        uint64_t number;

        if (text_to_unsigned(text, (uint64_t) SIGRTMAX, &number) >= 0 && number > 0) {
                *ret = (int) number;
                return 0;
        }
        if (strncasecmp(text, "SIG", 3) == 0)
                text += 3;
        if (strncasecmp(text, "RTMIN", 5) == 0)
                return realtime_signal(text + 5, SIGRTMIN, '+', ret);
        if (strncasecmp(text, "RTMAX", 5) == 0)
                return realtime_signal(text + 5, SIGRTMAX, '-', ret);
        for (int i = 1; i < NSIG; i++) {
                const char *name = sigabbrev_np(i);
                if (name && strcasecmp(name, text) == 0) {
                        *ret = i;
                        return 0;
                }
        }
        return -EINVAL;
}

char *signal_name(int signal) {
        const char *name;

        if (signal >= SIGRTMIN && signal <= SIGRTMAX)
                return signal == SIGRTMIN ? strdup("SIGRTMIN") : text_format("SIGRTMIN+%d", signal - SIGRTMIN);
        name = sigabbrev_np(signal);
        return name ? text_format("SIG%s", name) : NULL;
}

int text_to_mode(const char *text, mode_t *ret) {
        mode_t mode = 0;

        if (!*text)
                return -EINVAL;
        for (; *text; text++) {
                if (*text < '0' || *text > '7')
                        return -EINVAL;
                mode = mode << 3 | (mode_t) (*text - '0');
                if (mode > 07777)
                        return -ERANGE;
        }
        *ret = mode;
        return 0;
}
