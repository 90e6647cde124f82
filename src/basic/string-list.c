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

int string_list_insert(StringList *list, size_t position, const char *string) {
        int r = string_list_add(list, string);
        char *added;

        if (r < 0)
                return r;
        added = list->items[list->count - 1];
        memmove(&list->items[position + 1], &list->items[position],
                (list->count - 1 - position) * sizeof(*list->items));
        list->items[position] = added;
        return 0;
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

/* An assignment on its way into a list: where it stands, those that are new behind the old ones. */
typedef struct Candidate {
        const char *text;
        size_t at;
} Candidate;

/* As bytes, each name up to its "=". */
static int compare_names(const char *a, const char *b) {
        size_t n = strcspn(a, "="), m = strcspn(b, "=");
        int order = memcmp(a, b, n < m ? n : m);

        return order != 0 ? order : (n > m) - (n < m);
}

/* By name, and those of one name in their order. */
static int compare_candidates(const void *a, const void *b) {
        const Candidate *x = a, *y = b;
        int order = compare_names(x->text, y->text);

        return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* Of new assignments of one name the last one counts, at the place of the first that there is, old
 * or new. `place` says, for each that stands in the end, what it becomes. */
static void choose(const Candidate *all, size_t count, size_t old_count, const char **place) {
        for (size_t i = 0; i < count;) {
                size_t first = i, last;

                while (++i < count && compare_names(all[first].text, all[i].text) == 0)
                        ;
                last = i - 1;
                for (size_t j = first; j <= last && all[j].at < old_count; j++)
                        place[all[j].at] = all[j].text;
                if (all[last].at >= old_count)
                        place[all[first].at] = all[last].text;
        }
}

static int put(StringList *list, size_t at, const char *text) {
        char *copy;

        if (at >= list->count)
                return string_list_add(list, text);
        if (list->items[at] == text)
                return 0;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        free(list->items[at]);
        list->items[at] = copy;
        return 0;
}

/* Sorted, as an image may have hundreds of thousands: to look each one up from the start would take
 * minutes. */
int string_list_assign_all(StringList *list, const StringList *from) {
        size_t old_count = list->count, count = old_count + from->count;
        _cleanup_free_ Candidate *all = calloc(count + 1, sizeof(*all));
        _cleanup_free_ const char **place = calloc(count + 1, sizeof(*place));
        int r = 0;

        if (!all || !place)
                return -ENOMEM;
        if (from->count == 0)
                return 0;
        for (size_t i = 0; i < count; i++)
                all[i] = (Candidate) { i < old_count ? list->items[i] : from->items[i - old_count], i };
        qsort(all, count, sizeof(*all), compare_candidates);
        choose(all, count, old_count, place);
        for (size_t i = 0; i < count && r >= 0; i++)
                if (place[i])
                        r = put(list, i, place[i]);
        return r;
}

int string_list_settle(StringList *list) {
        _cleanup_string_list_ StringList settled = {};
        int r = string_list_assign_all(&settled, list);

        if (r < 0)
                return r;
        string_list_done(list);
        *list = settled;
        settled = (StringList) {};
        return 0;
}

void string_list_unique(StringList *list) {
        size_t kept = 0;

        string_list_sort(list);
        for (size_t i = 0; i < list->count; i++)
                if (kept > 0 && streq(list->items[kept - 1], list->items[i]))
                        free(list->items[i]);
                else
                        list->items[kept++] = list->items[i];
        list->count = kept;
        if (list->items)
                list->items[kept] = NULL;
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
