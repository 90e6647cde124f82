/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON written so that the code reads as the text it makes, and JSON read with a place for what is
 * wrong. */
#pragma once

#include <json-c/json.h>

#include "basic/diagnostics.h"
#include "basic/string-list.h"
#include "basic/text.h"

enum { JSON_DEPTH = 8 };

/* A document being written. Zero-initialise with {}. Lack of memory is remembered in `failed`,
 * later calls do nothing, and json_take() reports it, so callers check once. `key` is NULL for the
 * outermost value and inside of arrays. */
typedef struct Json {
        json_object *root;             /* owned */
        json_object *open[JSON_DEPTH]; /* borrowed from it: what is not closed yet, innermost last */
        size_t depth;
        bool failed;
} Json;

void json_open_object(Json *json, const char *key);
void json_open_array(Json *json, const char *key);
void json_close(Json *json);

void json_add_string(Json *json, const char *key, const char *value);
void json_add_null(Json *json, const char *key);
void json_add_bool(Json *json, const char *key, bool value);
void json_add_unsigned(Json *json, const char *key, uint64_t value);
void json_add_integer(Json *json, const char *key, int64_t value);

/* A value of any kind, which is owned from then on. */
void json_add_value(Json *json, const char *key, json_object *value);

/* An array of the words in `words`, which single spaces separate. */
void json_add_words(Json *json, const char *key, const char *words);

/* An array of strings, in the order of the list. */
void json_add_strings(Json *json, const char *key, const StringList *list);

/* An object of strings from NAME=VALUE, in the order of the list. */
void json_add_assignments(Json *json, const char *key, const StringList *list);

/* Moves the document out. Returns 0 or -ENOMEM. Caller puts `ret` (json_object_put). */
int json_take(Json *json, json_object **ret);

void json_done(Json *json);
#define _cleanup_json_ _cleanup_(json_done)

/* Parses a whole text; `file` is its name in diagnostics. Returns 0, -EREPORTED with a diagnostic
 * that says the line, or -ENOMEM. Caller puts `ret`. */
int json_parse(const char *text, size_t size, const char *file, Diagnostics *diagnostics, json_object **ret);

/* Reads a file that is a text of this type, where nobody is told what is wrong with it. Returns 0,
 * -EBADMSG when it is not valid JSON, or of another type, or another -errno, as read_file_at().
 * Caller puts `ret`. */
int json_read_file_at(int dir_fd, const char *path, size_t size_max, json_type type, json_object **ret);

/* Returns an array of the strings, or NULL when memory is short. The caller owns it. */
json_object *json_from_strings(const StringList *list);

/* Returns an object's member if it has that type; NULL when it has another, there is none, or
 * `object` is no object. json_object_object_get() is the same for any type. Borrowed. */
json_object *json_get_member(json_object *object, const char *member, json_type type);

/* Returns the text of a string; NULL when it is none, or has a NUL in it, which would hide what
 * follows. Borrowed. */
const char *json_string_without_nul(json_object *value);

/* Returns the text of an object's member; NULL when there is none, or it is no string. Borrowed. */
const char *json_get_string(json_object *object, const char *member);

/* Appends the strings of an object's member. Returns 0, -ENOENT when there is no such member,
 * -EBADMSG when it is no array, or -ENOMEM. */
int json_get_strings(json_object *object, const char *member, StringList *ret);

/* Indented, each value on a line of its own unless it is short, with a newline at the end; the same
 * bytes with every version of json-c. Returns 0 or -ENOMEM. Caller frees. */
int json_to_text(json_object *value, char **ret);

static inline void json_object_putp(json_object **object) { json_object_put(*object); }
#define _cleanup_json_object_ _cleanup_(json_object_putp)
