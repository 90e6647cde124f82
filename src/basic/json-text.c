/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON as people like to read it: what fits into a line is one. json-c's own indented form gives
 * each word of an argument list a line, and differs between its versions. */
#include "basic/json.h"

#include <errno.h>

enum { WIDTH = 120, INDENT = 2 };

static bool is_nested(json_object *value) {
        return json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array);
}

static void write_scalar(Text *text, json_object *value) {
        const char *written = json_object_to_json_string_ext(value,
                                                             JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

        if (!written)
                text->failed = true;
        else
                text_append(text, written);
}

static void write_name(Text *text, const char *name) {
        json_object *string = json_object_new_string(name);

        write_scalar(text, string);
        text_append(text, ": ");
        json_object_put(string);
}

/* Between members: a space, or a new line when `indent` says how deep it begins. */
static void write_break(Text *text, unsigned indent) {
        if (indent == 0)
                text_append_char(text, ' ');
        else
                text_appendf(text, "\n%*s", (int) (indent - 1), "");
}

static void write_value(Text *text, json_object *value, unsigned indent);

/* On one line when `indent` is 0, else broken, with the members at column `indent`, counted from
 * 1. */
static void write_members(Text *text, json_object *value, unsigned indent) {
        bool array = json_object_is_type(value, json_type_array), first = true;
        size_t count = array ? json_object_array_length(value) : 0;

        text_append_char(text, array ? '[' : '{');
        for (size_t i = 0; i < count; i++) {
                if (i > 0)
                        text_append_char(text, ',');
                if (i > 0 || indent > 0)
                        write_break(text, indent);
                write_value(text, json_object_array_get_idx(value, i), indent);
        }
        if (!array) {
                json_object_object_foreach(value, name, member) {
                        if (!first)
                                text_append_char(text, ',');
                        write_break(text, indent);
                        write_name(text, name);
                        write_value(text, member, indent);
                        first = false;
                }
        }
        if (indent > 0)
                write_break(text, indent - INDENT);
        else if (!first)
                text_append_char(text, ' ');
        text_append_char(text, array ? ']' : '}');
}

static void write_value(Text *text, json_object *value, unsigned indent) {
        _cleanup_text_ Text line = {};

        if (!is_nested(value)) {
                write_scalar(text, value);
                return;
        }
        write_members(&line, value, 0);
        text->failed |= line.failed;
        if (text->failed)
                return;
        if (indent == 0 || indent + line.length <= WIDTH)
                text_append_n(text, line.data, line.length);
        else
                write_members(text, value, indent + INDENT);
}

int json_to_text(json_object *value, char **ret) {
        _cleanup_text_ Text text = {};

        write_value(&text, value, 1);
        text_append_char(&text, '\n');
        return text_take(&text, ret);
}
