/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a user's file: collected with its place, printed by the programs. */
#pragma once

#include "basic/alloc.h"

/* What a function returns, negated, when it has said in diagnostics what is wrong: nothing is to be
 * added to that. No system call returns it, Linux's errors end at 4095 (MAX_ERRNO), so that an
 * EINVAL is always one that nobody has told of yet. */
#define EREPORTED 4096

/* A place in a text. `file` is borrowed; line and column count from 1, column in bytes; 0 is "not
 * known". */
typedef struct Location {
        const char *file;
        unsigned line;
        unsigned column;
} Location;

typedef enum Severity {
        SEVERITY_ERROR,
        SEVERITY_WARNING,
} Severity;

typedef struct Diagnostic {
        char *file; /* owned */
        unsigned line;
        unsigned column;
        Severity severity;
        char *message; /* owned, one line */
} Diagnostic;

/* Zero-initialise with {}. When memory is too short for a message, it is counted all the same:
 * `errors` never lies. */
typedef struct Diagnostics {
        Diagnostic *items;
        size_t count;
        size_t allocated;
        size_t errors;
        size_t warnings;
} Diagnostics;

/* `where` may be NULL: a message about no file. Both return -EREPORTED, so that parsers can `return
 * diagnose_error(…)`. */
int diagnose_error(Diagnostics *diagnostics, const Location *where, const char *format, ...) _printf_(3, 4);
int diagnose_warning(Diagnostics *diagnostics, const Location *where, const char *format, ...) _printf_(3, 4);

/* Orders by file, line and column, keeping the order of equals, and drops exact repetitions. */
void diagnostics_sort(Diagnostics *diagnostics);

/* "file:line:column: error: message", without what is not known. `ret` is freed by the caller.
 * Returns 0 or -ENOMEM. */
int diagnostic_format(const Diagnostic *diagnostic, char **ret);

void diagnostics_done(Diagnostics *diagnostics);
#define _cleanup_diagnostics_ _cleanup_(diagnostics_done)
