/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Booleans, numbers, sizes, time spans, signals and modes, as text. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Each of the following reads all of `text`. Returns 0, -EINVAL, or -ERANGE when the number is too
 * large; `ret` is untouched then. */
int text_to_bool(const char *text, bool *ret);

/* Decimal digits only, at most `most`. */
int text_to_unsigned(const char *text, uint64_t most, uint64_t *ret);

/* Bytes, with or without a suffix: "512", "64m", "1.5GiB". */
int text_to_size(const char *text, uint64_t *ret);

/* A time span as in systemd.time(7), in microseconds; a number alone means seconds. */
int text_to_usec(const char *text, uint64_t *ret);

/* "SIGTERM", "term", "SIGRTMIN+3", "15". */
int text_to_signal(const char *text, int *ret);

/* Octal, at most 07777. */
int text_to_mode(const char *text, mode_t *ret);

/* Returns "SIGTERM", "SIGRTMIN+3" …, which the caller frees; NULL when there is no such signal or
 * memory is short. */
char *signal_name(int signal);
