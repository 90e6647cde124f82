/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a user's file. */
#include "basic/diagnostics.h"

#include <errno.h>

#include "basic/text.h"

_printf_(4, 0) static void add(Diagnostics *d, Severity severity, const Location *where, const char *format,
                               va_list arguments) {
        _cleanup_text_ Text message = {};
        _cleanup_free_ char *file = NULL, *owned = NULL;

        if (severity == SEVERITY_ERROR)
                d->errors++;
        else
                d->warnings++;

        text_vappendf(&message, format, arguments);
        /* A value may hold anything; a diagnostic is one line on somebody's terminal. */
        for (size_t i = 0; i < message.length; i++)
                if ((unsigned char) message.data[i] < 0x20 || message.data[i] == 0x7f)
                        message.data[i] = '?';
        if (where && where->file) {
                file = strdup(where->file);
                if (!file)
                        return;
        }
        if (text_take(&message, &owned) < 0 || ARRAY_RESERVE(d->items, d->allocated, d->count + 1) < 0)
                return;
        d->items[d->count++] = (Diagnostic) {
                .file = TAKE_PTR(file),
                .line = where ? where->line : 0,
                .column = where ? where->column : 0,
                .severity = severity,
                .message = TAKE_PTR(owned),
        };
}

int diagnose_error(Diagnostics *diagnostics, const Location *where, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        add(diagnostics, SEVERITY_ERROR, where, format, arguments);
        va_end(arguments);
        return -EREPORTED;
}

int diagnose_warning(Diagnostics *diagnostics, const Location *where, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        add(diagnostics, SEVERITY_WARNING, where, format, arguments);
        va_end(arguments);
        return -EREPORTED;
}

static int compare(const Diagnostic *a, const Diagnostic *b) {
        int r;

        if (!a->file || !b->file)
                return !!a->file - !!b->file;
        r = strcmp(a->file, b->file);
        if (r != 0)
                return r;
        if (a->line != b->line)
                return a->line < b->line ? -1 : 1;
        if (a->column != b->column)
                return a->column < b->column ? -1 : 1;
        return 0;
}

static void diagnostic_done(Diagnostic *d) {
        free(d->file);
        free(d->message);
}

void diagnostics_sort(Diagnostics *d) {
        size_t kept = 0;

        /* Insertion sort: stable, and the list is short and nearly sorted as it comes. */
        for (size_t i = 1; i < d->count; i++)
                for (size_t j = i; j > 0 && compare(&d->items[j - 1], &d->items[j]) > 0; j--) {
                        Diagnostic swapped = d->items[j];
                        d->items[j] = d->items[j - 1];
                        d->items[j - 1] = swapped;
                }
        for (size_t i = 0; i < d->count; i++)
                if (kept > 0 && compare(&d->items[kept - 1], &d->items[i]) == 0 &&
                    streq(d->items[kept - 1].message, d->items[i].message))
                        diagnostic_done(&d->items[i]);
                else
                        d->items[kept++] = d->items[i];
        d->count = kept;
}

int diagnostic_format(const Diagnostic *d, char **ret) {
        _cleanup_text_ Text text = {};

        if (d->file) {
                text_append(&text, d->file);
                if (d->line > 0)
                        text_appendf(&text, ":%u", d->line);
                if (d->line > 0 && d->column > 0)
                        text_appendf(&text, ":%u", d->column);
                text_append(&text, ": ");
        }
        text_appendf(&text, "%s: %s", d->severity == SEVERITY_ERROR ? "error" : "warning", d->message);
        return text_take(&text, ret);
}

void diagnostics_done(Diagnostics *d) {
        for (size_t i = 0; i < d->count; i++)
                diagnostic_done(&d->items[i]);
        d->items = x_free(d->items);
        d->count = d->allocated = d->errors = d->warnings = 0;
}
