/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An owned list of strings. */
#include "basic/string-list.h"

#include <errno.h>
#include <stdarg.h>

int string_list_take(StringList *list, char *string) {
        int r;

        if (!string)
                return -ENOMEM;
        r = ARRAY_RESERVE(list->items, list->allocated, list->count + 2);
        if (r < 0) {
                free(string);
                return r;
        }
        list->items[list->count++] = string;
        list->items[list->count] = NULL;
        return 0;
}

int string_list_add(StringList *list, const char *string) {
        return string_list_take(list, strdup(string));
}

int string_list_add_n(StringList *list, const char *bytes, size_t n) {
        return string_list_take(list, strndup(bytes, n));
}

int string_list_add_split(StringList *list, const char *text, size_t n, const char *separators) {
        const char *start = text, *end = text + n;

        for (const char *p = text; p <= end; p++) {
                if (p < end && *p && !strchr(separators, *p))
                        continue;
                if (p > start && string_list_add_n(list, start, (size_t) (p - start)) < 0)
                        return -ENOMEM;
                if (p < end && !*p)
                        break;
                start = p + 1;
        }
        return 0;
}

int string_list_addf(StringList *list, const char *format, ...) {
        char *formatted = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&formatted, format, arguments);
        va_end(arguments);
        return string_list_take(list, n < 0 ? NULL : formatted);
}

int string_list_extend(StringList *list, const StringList *from) {
        for (size_t i = 0; i < from->count; i++) {
                int r = string_list_add(list, from->items[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

bool string_list_contains(const StringList *list, const char *string) {
        for (size_t i = 0; i < list->count; i++)
                if (streq(list->items[i], string))
                        return true;
        return false;
}

void string_list_remove(StringList *list, const char *string) {
        size_t kept = 0;

        for (size_t i = 0; i < list->count; i++)
                if (streq(list->items[i], string))
                        free(list->items[i]);
                else
                        list->items[kept++] = list->items[i];
        list->count = kept;
        if (list->items)
                list->items[kept] = NULL;
}

/* Whether `assignment` is of the name that the first `n` bytes of `name` spell. */
static bool assigns(const char *assignment, const char *name, size_t n) {
        return strncmp(assignment, name, n) == 0 && (assignment[n] == '=' || assignment[n] == '\0');
}

int string_list_assign(StringList *list, const char *assignment) {
        size_t n = strcspn(assignment, "=");

        for (size_t i = 0; i < list->count; i++)
                if (assigns(list->items[i], assignment, n)) {
                        char *copy = strdup(assignment);
                        if (!copy)
                                return -ENOMEM;
                        free(list->items[i]);
                        list->items[i] = copy;
                        return 0;
                }
        return string_list_add(list, assignment);
}

int string_list_assign_all(StringList *list, const StringList *from) {
        for (size_t i = 0; i < from->count; i++) {
                int r = string_list_assign(list, from->items[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

const char *string_list_value(const StringList *list, const char *name) {
        size_t n = strlen(name);

        for (size_t i = 0; i < list->count; i++)
                if (assigns(list->items[i], name, n))
                        return list->items[i][n] == '=' ? list->items[i] + n + 1 : "";
        return NULL;
}

static int compare(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

void string_list_sort(StringList *list) {
        if (list->count > 1)
                qsort(list->items, list->count, sizeof(char *), compare);
}

void string_list_done(StringList *list) {
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i]);
        list->items = x_free(list->items);
        list->count = list->allocated = 0;
}
