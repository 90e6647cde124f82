/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the value parsers share. For the files of this folder only. */
#pragma once

#include "basic/text.h"
#include "config/value/values.h"

/* Refuses `text`: `"KEY" must be WHAT, not "TEXT"`. Returns -EREPORTED. */
int value_refuse(const ValueContext *context, const Key *key, const Location *where, const char *what,
                 const char *text);

/* The same for the result of a value_…() function, 0 and -ENOMEM included. */
int value_checked(int result, const ValueContext *context, const Key *key, const Location *where, const char *what,
                  const char *text);

/* Refuses `text` as an unknown WHAT, with what may have been meant. Returns -EREPORTED. */
int value_unknown(const ValueContext *context, const Location *where, const char *what, const char *text,
                  const char *meant);

/* Expands the specifiers of `text`, which is what stands at `start` in the entry's value, perhaps
 * with quotes undone. Returns 0, -EREPORTED (reported) or -ENOMEM. Caller frees. */
int value_expand(const ValueContext *context, const Entry *entry, const char *start, const char *text, char **ret);

/* Appends what the variables make of `word`, which stands at `start` in the entry's value:
 * itself, one other word, or what the whole word "$NAME" stands for. Specifiers are not expanded
 * yet. Returns 0 or -ENOMEM. */
int value_expand_variables(const ValueContext *context, const Entry *entry, const char *start, const char *word,
                           StringList *ret);

/* The whole value, specifiers expanded. As value_expand(). */
int value_text(const ValueContext *context, const Entry *entry, char **ret);

/* The next word of a value, its quotes undone but its specifiers not expanded yet. Returns 1, 0 at
 * the end, -EREPORTED (reported) or -ENOMEM. */
int value_next_word(const ValueContext *context, const Entry *entry, const char **rest, char **ret,
                    const char **ret_start);

/* One item per assignment, which may hold white space as Quadlet's do: the only word with its
 * quotes undone, else the value as it is. Specifiers are not expanded yet, so that they cannot add
 * separators. As value_expand(). */
int value_item(const ValueContext *context, const Entry *entry, char **ret, const char **ret_start);

/* Parses one word and appends it to `list` when it is sound. Returns 0, -EREPORTED (reported) or
 * -ENOMEM. */
typedef int (*WordParser)(const ValueContext *context, const Key *key, const char *word, const Location *where,
                          void *list);

/* Hands every word of the value, specifiers expanded, to `parse`. A word at fault does not stop the
 * rest. Returns 0, -EREPORTED or -ENOMEM. */
int value_each_word(const ValueContext *context, const Key *key, const Entry *entry, WordParser parse, void *list);

/* A WordParser: any word, into a StringList. */
int value_add_word(const ValueContext *context, const Key *key, const char *word, const Location *where, void *list);

/* Splits at every `separator` into at most `most` parts, the last of which keeps the rest; empty
 * parts count. Returns 0 or -ENOMEM. */
int value_split(const char *text, char separator, size_t most, StringList *ret);

/* The same, expanding the specifiers of each part. `start` is where `text` stands in the entry's
 * value. */
int value_split_expanded(const ValueContext *context, const Entry *entry, const char *start, const char *text,
                         char separator, size_t most, StringList *ret);

/* A normalized absolute path; WHAT is it in a diagnostic. Returns 0, -EREPORTED (reported) or
 * -ENOMEM. Caller frees. */
int value_path(const ValueContext *context, const Location *where, const char *what, const char *text, char **ret);

/* The same, where a relative path starts at the directory of the file. */
int value_relative_path(const ValueContext *context, const Location *where, const char *what, const char *text,
                        char **ret);

/* A word out of a few. */
typedef struct ValueName {
        const char *name;
        int value;
} ValueName;

/* Finds `text` among `names`, which a NULL name ends. Refused words get a diagnostic that lists the
 * names whose value no name before them has; the others are aliases. Returns 0, -EREPORTED
 * (reported) or -ENOMEM. */
int value_choose(const ValueContext *context, const Key *key, const Location *where, const char *text,
                 const ValueName *names, int *ret);

/* A reference to a berth file, such as "web.container". Returns 1 when it ends with `ending`, with
 * its stem, 0 when it does not, -EREPORTED (reported) when it does and is no file's name, or
 * -ENOMEM. Caller frees. */
int value_reference(const ValueContext *context, const Location *where, const char *text, const char *ending,
                    char **ret_stem);

/* An image: a reference, put into a string in its canonical form, or the name of a file. Returns 0,
 * -EREPORTED (reported) or -ENOMEM. */
int value_image(const ValueContext *context, const Location *where, const char *text, char **field);

/* "ns:PATH", "container:NAME" or "NAME.container". Returns 1 with the path or stem that is joined,
 * 0 when it is none of these, -EREPORTED (reported) or -ENOMEM. Caller frees. */
int value_joined_namespace(const ValueContext *context, const Location *where, const char *text,
                           NamespaceKind *ret_kind, char **ret);

/* Whether `text` is an address of the family AF_INET, AF_INET6, or either (AF_UNSPEC). */
bool value_is_address(const char *text, int family);

/* Puts a copy of `text` into a string, freeing what was there. 0 or -ENOMEM. */
int value_replace(char **string, const char *text);

/* Whether `option` ("ro", "size=64m", "noexec") says something that one of `earlier` said already,
 * the same or the opposite. */
bool value_option_conflicts(const StringList *earlier, const char *option);

/* Frees what a Mount holds. */
void mount_done(Mount *mount);

/* Sets what an option of Volume= that is one word says. Returns 1 when `option` is one, 0 when not,
 * -EEXIST when it contradicts an earlier one. */
int value_volume_word(VolumeMount *volume, const char *option);

/* Moves the struct `item` to the end of a list of types.h. 0 or -ENOMEM. */
#define LIST_TAKE(list, item)                                                                                          \
        ({                                                                                                             \
                int _r = ARRAY_RESERVE((list)->items, (list)->allocated, (list)->count + 1);                           \
                if (_r >= 0) {                                                                                         \
                        (list)->items[(list)->count++] = (item);                                                       \
                        memset(&(item), 0, sizeof(item));                                                              \
                }                                                                                                      \
                _r;                                                                                                    \
        })

#define DEFINE_LIST_DONE(name, item_done)                                                                              \
        void done_##name(void *field) {                                                                                \
                ValueType_##name *list = field;                                                                        \
                                                                                                                       \
                for (size_t i = 0; i < list->count; i++)                                                               \
                        item_done(&list->items[i]);                                                                    \
                list->items = x_free(list->items);                                                                     \
                list->count = list->allocated = 0;                                                                     \
        }

/* Takes the JSON array of strings that `*rest` points at, up to the end of the text, and appends
 * them to `list`. Returns 0, -EINVAL with `*rest` at the fault, or -ENOMEM; some may have been
 * appended then. */
int value_json_strings(const char **rest, StringList *list);
