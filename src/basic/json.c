/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON, written and parsed. */
#include "basic/json.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>

#include "basic/files.h"

/* Puts it where the document is open; NULL is JSON's null. */
static void add_value(Json *json, const char *key, json_object *value) {
        json_object *parent = json->depth > 0 ? json->open[json->depth - 1] : NULL;
        int r = 0;

        assert(!parent == !json->root);
        if (!parent)
                json->root = value;
        else if (key)
                r = json_object_object_add(parent, key, value);
        else
                r = json_object_array_add(parent, value);
        if (r < 0) {
                json->failed = true;
                json_object_put(value);
        }
}

void json_add_value(Json *json, const char *key, json_object *value) {
        if (!value || json->failed) {
                json->failed = true;
                json_object_put(value);
                return;
        }
        add_value(json, key, value);
}

void json_add_null(Json *json, const char *key) {
        if (!json->failed)
                add_value(json, key, NULL);
}

static void open_value(Json *json, const char *key, json_object *value) {
        assert(json->depth < JSON_DEPTH);
        json_add_value(json, key, value);
        json->open[json->depth++] = json->failed ? NULL : value;
}

void json_open_object(Json *json, const char *key) {
        open_value(json, key, json_object_new_object());
}

void json_open_array(Json *json, const char *key) {
        open_value(json, key, json_object_new_array());
}

void json_close(Json *json) {
        assert(json->depth > 0);
        json->depth--;
}

void json_add_string(Json *json, const char *key, const char *value) {
        json_add_value(json, key, json_object_new_string(value));
}

void json_add_bool(Json *json, const char *key, bool value) {
        json_add_value(json, key, json_object_new_boolean(value));
}

void json_add_unsigned(Json *json, const char *key, uint64_t value) {
        json_add_value(json, key, json_object_new_uint64(value));
}

void json_add_integer(Json *json, const char *key, int64_t value) {
        json_add_value(json, key, json_object_new_int64(value));
}

void json_add_words(Json *json, const char *key, const char *words) {
        json_open_array(json, key);
        while (*words) {
                size_t n = strcspn(words, " ");

                json_add_value(json, NULL, json_object_new_string_len(words, (int) n));
                words += n + (words[n] == ' ');
        }
        json_close(json);
}

void json_add_strings(Json *json, const char *key, const StringList *list) {
        json_open_array(json, key);
        for (size_t i = 0; i < list->count; i++)
                json_add_string(json, NULL, list->items[i]);
        json_close(json);
}

/* `text` up to its first "=" as the key, and the rest as the value. */
static void add_assignment(Json *json, const char *text) {
        size_t n = strcspn(text, "=");
        _cleanup_free_ char *name = strndup(text, n);

        if (!name)
                json->failed = true;
        else
                json_add_string(json, name, text[n] == '=' ? text + n + 1 : "");
}

void json_add_assignments(Json *json, const char *key, const StringList *list) {
        json_open_object(json, key);
        for (size_t i = 0; i < list->count; i++)
                add_assignment(json, list->items[i]);
        json_close(json);
}

int json_take(Json *json, json_object **ret) {
        assert(json->depth == 0);
        if (json->failed || !json->root)
                return -ENOMEM;
        *ret = TAKE_PTR(json->root);
        return 0;
}

void json_done(Json *json) {
        json_object_put(json->root);
        *json = (Json) {};
}

json_object *json_from_strings(const StringList *list) {
        _cleanup_json_ Json json = {};
        json_object *array;

        json_add_strings(&json, NULL, list);
        return json_take(&json, &array) < 0 ? NULL : array;
}

json_object *json_get_member(json_object *object, const char *member, json_type type) {
        json_object *value = json_object_object_get(object, member);

        return json_object_is_type(value, type) ? value : NULL;
}

const char *json_string_without_nul(json_object *value) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;

        return text && strlen(text) == (size_t) json_object_get_string_len(value) ? text : NULL;
}

const char *json_get_string(json_object *object, const char *member) {
        return json_object_get_string(json_get_member(object, member, json_type_string));
}

int json_get_strings(json_object *object, const char *member, StringList *ret) {
        json_object *array;
        int r = 0;

        if (!json_object_object_get_ex(object, member, &array))
                return -ENOENT;
        if (!json_object_is_type(array, json_type_array))
                return -EBADMSG;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
                r = string_list_add(ret, json_object_get_string(json_object_array_get_idx(array, i)) ?: "");
        return r;
}

static int parse_error(const char *text, size_t offset, const char *file, const char *message,
                       Diagnostics *diagnostics) {
        Location where = { .file = file, .line = 1, .column = 1 };

        for (size_t i = 0; i < offset; i++)
                if (text[i] == '\n') {
                        where.line++;
                        where.column = 1;
                } else
                        where.column++;
        return diagnose_error(diagnostics, &where, "not valid JSON: %s", message);
}

static void tokener_freep(json_tokener **tokener) {
        if (*tokener)
                json_tokener_free(*tokener);
}

int json_parse(const char *text, size_t size, const char *file, Diagnostics *diagnostics, json_object **ret) {
        _cleanup_(tokener_freep) json_tokener *tokener = json_tokener_new();
        _cleanup_json_object_ json_object *object = NULL;
        enum json_tokener_error error;
        size_t end;

        if (!tokener)
                return -ENOMEM;
        if (size >= INT_MAX)
                return diagnose_error(diagnostics, &(Location) { .file = file }, "the file is too large");
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        /* With its NUL, without which the tokener would wait for more. "null" is NULL too, so ask
         * for the error. */
        object = json_tokener_parse_ex(tokener, text, (int) size + 1);
        error = json_tokener_get_error(tokener);
        end = json_tokener_get_parse_end(tokener);
        if (error != json_tokener_success)
                return parse_error(text, end, file, json_tokener_error_desc(error), diagnostics);
        /* To the tokener, a NUL is the end. */
        end += strspn(text + end, " \t\r\n");
        if (end < size)
                return parse_error(text, end, file, "something follows its end", diagnostics);
        *ret = TAKE_PTR(object);
        return 0;
}

int json_read_file_at(int dir_fd, const char *path, size_t size_max, json_type type, json_object **ret) {
        _cleanup_diagnostics_ Diagnostics unheard = {};
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = read_file_at(dir_fd, path, size_max, &text, &size);

        if (r >= 0)
                r = json_parse(text, size, path, &unheard, &object);
        if (r < 0)
                return r == -EREPORTED ? -EBADMSG : r;
        if (!json_object_is_type(object, type))
                return -EBADMSG;
        *ret = TAKE_PTR(object);
        return 0;
}
