/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An owned list of strings. */
#pragma once

#include "basic/alloc.h"

/* Zero-initialise with {}. `items` is NULL-terminated once it is not empty, so it can serve as
 * argv. */
typedef struct StringList {
        char **items;
        size_t count;
        size_t allocated;
} StringList;

/* Appends a copy of `string`. Returns 0 or -ENOMEM. */
int string_list_add(StringList *list, const char *string);
int string_list_add_n(StringList *list, const char *bytes, size_t n);
int string_list_addf(StringList *list, const char *format, ...) _printf_(2, 3);

/* Appends the parts of the `n` bytes of `text` between any of the characters `separators`; empty
 * ones are left out. */
int string_list_add_split(StringList *list, const char *text, size_t n, const char *separators);

/* Appends `string` itself and owns it from then on, also on failure. */
int string_list_take(StringList *list, char *string);

/* Puts a copy of `string` before the item at `position`, which is at most `count`. */
int string_list_insert(StringList *list, size_t position, const char *string);

/* Appends copies of all of `from`. */
int string_list_extend(StringList *list, const StringList *from);

bool string_list_contains(const StringList *list, const char *string);

/* Removes every item equal to `string`. */
void string_list_remove(StringList *list, const char *string);

/* Sets `assignment` ("NAME=VALUE" or "NAME"), replacing the item of the same name in place. */
int string_list_assign(StringList *list, const char *assignment);

/* The same for each of `from`, in order; in n·log n. */
int string_list_assign_all(StringList *list, const StringList *from);

/* The same for each of a list's own: of those of one name the last one stays, at the place of the
 * first; so many can be added one by one. */
int string_list_settle(StringList *list);

/* The value of NAME in a list of assignments, or NULL; "" for a bare NAME. */
const char *string_list_value(const StringList *list, const char *name);

/* Sorts by byte value. */
void string_list_sort(StringList *list);

/* The same, and leaves one of equal items. */
void string_list_unique(StringList *list);

void string_list_done(StringList *list);
#define _cleanup_string_list_ _cleanup_(string_list_done)
