/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as JSON. */
#include "start/cdi/cdi-yaml.h"

#include <errno.h>
#if HAVE_YAML
#include <yaml.h>
#endif

#include "basic/dynamic.h"

#if HAVE_YAML

DYNAMIC_NOTE(yaml, "libyaml-0.so.2", "cdi", "suggested", "Descriptions of devices in YAML");
DYNAMIC_FUNCTION(yaml_parser_initialize);
DYNAMIC_FUNCTION(yaml_parser_set_input_string);
DYNAMIC_FUNCTION(yaml_parser_parse);
DYNAMIC_FUNCTION(yaml_parser_delete);
DYNAMIC_FUNCTION(yaml_event_delete);

enum { DEPTH_MAX = 16 }; /* those that are asked for have six levels */

typedef struct Reader {
        yaml_parser_t parser;
        const char *file;
        Diagnostics *diagnostics;
        unsigned depth;
} Reader;

static int load(const char *file, Diagnostics *diagnostics) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(yaml_parser_initialize),
                DYNAMIC_SYMBOL(yaml_parser_set_input_string),
                DYNAMIC_SYMBOL(yaml_parser_parse),
                DYNAMIC_SYMBOL(yaml_parser_delete),
                DYNAMIC_SYMBOL(yaml_event_delete),
        };

        if (dynamic_load("libyaml-0.so.2", symbols, ARRAY_SIZE(symbols), NULL) >= 0)
                return 0;
        return diagnose_error(diagnostics, &(Location) { .file = file },
                              "it is YAML, which needs libyaml-0.so.2 (the package libyaml-0-2); JSON does not");
}

static int refuse(const Reader *reader, const yaml_mark_t *mark, const char *what) {
        const Location where = { .file = reader->file, .line = (unsigned) mark->line + 1,
                                 .column = (unsigned) mark->column + 1 };

        return diagnose_error(reader->diagnostics, &where, "%s", what);
}

/* The caller deletes the event. */
static int next(Reader *reader, yaml_event_t *ret) {
        if (sym_yaml_parser_parse(&reader->parser, ret))
                return 0;
        if (reader->parser.error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        return refuse(reader, &reader->parser.problem_mark, reader->parser.problem ?: "it is no YAML");
}

/* What is written without quotes, by YAML 1.1's rules for what JSON has, octal numbers too. */
static json_object *plain_value(const char *text) {
        const char *digits = text + (*text == '-' || *text == '+');
        char *end;
        long long number;

        if (streq(text, "true") || streq(text, "false"))
                return json_object_new_boolean(streq(text, "true"));
        if (*digits < '0' || *digits > '9')
                return json_object_new_string(text);
        errno = 0;
        number = strtoll(text, &end, 0);
        return errno == 0 && !*end ? json_object_new_int64(number) : json_object_new_string(text);
}

static int read_scalar(const Reader *reader, const yaml_event_t *event, json_object **ret) {
        const char *text = (const char *) event->data.scalar.value;
        bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

        if (event->data.scalar.anchor || event->data.scalar.tag)
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        if (strlen(text) != event->data.scalar.length)
                return refuse(reader, &event->start_mark, "there is a NUL in a text");
        if (plain && (streq(text, "") || streq(text, "~") || streq(text, "null"))) {
                *ret = NULL;
                return 0;
        }
        *ret = plain ? plain_value(text) : json_object_new_string(text);
        return *ret ? 0 : -ENOMEM;
}

static int read_value(Reader *reader, const yaml_event_t *event, json_object **ret);

static int read_sequence(Reader *reader, json_object *array) {
        for (;;) {
                json_object *item = NULL;
                yaml_event_t event;
                int r = next(reader, &event);

                if (r < 0)
                        return r;
                r = event.type == YAML_SEQUENCE_END_EVENT ? 1 : read_value(reader, &event, &item);
                sym_yaml_event_delete(&event);
                if (r != 0)
                        return r < 0 ? r : 0;
                if (json_object_array_add(array, item) < 0) {
                        json_object_put(item);
                        return -ENOMEM;
                }
        }
}

static int read_member(Reader *reader, const yaml_event_t *key, json_object *object) {
        json_object *value = NULL;
        yaml_event_t event;
        int r;

        if (key->type != YAML_SCALAR_EVENT || key->data.scalar.anchor || key->data.scalar.tag)
                return refuse(reader, &key->start_mark, "a key must be a text");
        r = next(reader, &event);
        if (r < 0)
                return r;
        r = read_value(reader, &event, &value);
        sym_yaml_event_delete(&event);
        if (r >= 0 && json_object_object_add(object, (const char *) key->data.scalar.value, value) < 0) {
                json_object_put(value);
                r = -ENOMEM;
        }
        return r;
}

static int read_mapping(Reader *reader, json_object *object) {
        for (;;) {
                yaml_event_t event;
                int r = next(reader, &event);

                if (r < 0)
                        return r;
                r = event.type == YAML_MAPPING_END_EVENT ? 1 : read_member(reader, &event, object);
                sym_yaml_event_delete(&event);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
}

static int read_collection(Reader *reader, const yaml_event_t *event, json_object **ret) {
        bool mapping = event->type == YAML_MAPPING_START_EVENT;
        _cleanup_json_object_ json_object *value = mapping ? json_object_new_object() : json_object_new_array();
        int r;

        if (!value)
                return -ENOMEM;
        if (mapping ? event->data.mapping_start.anchor || event->data.mapping_start.tag
                    : event->data.sequence_start.anchor || event->data.sequence_start.tag)
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        if (reader->depth >= DEPTH_MAX)
                return refuse(reader, &event->start_mark, "it is nested too deeply");
        reader->depth++;
        r = mapping ? read_mapping(reader, value) : read_sequence(reader, value);
        reader->depth--;
        if (r >= 0)
                *ret = TAKE_PTR(value);
        return r;
}

static int read_value(Reader *reader, const yaml_event_t *event, json_object **ret) {
        switch (event->type) {
        case YAML_SCALAR_EVENT:
                return read_scalar(reader, event, ret);
        case YAML_MAPPING_START_EVENT:
        case YAML_SEQUENCE_START_EVENT:
                return read_collection(reader, event, ret);
        default:
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        }
}

/* Between the beginning of the stream and its end. */
static int read_stream(Reader *reader, json_object **ret) {
        bool seen = false;

        for (;;) {
                yaml_event_t event;
                int r = next(reader, &event);
                yaml_event_type_t type;

                if (r < 0)
                        return r;
                type = event.type;
                if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
                    type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT)
                        r = read_value(reader, &event, ret);
                else if (type == YAML_DOCUMENT_START_EVENT && seen)
                        r = refuse(reader, &event.start_mark, "there is more than one document");
                seen |= type == YAML_DOCUMENT_START_EVENT;
                sym_yaml_event_delete(&event);
                if (r < 0 || type == YAML_STREAM_END_EVENT)
                        return r;
        }
}

int yaml_to_json(const char *text, size_t size, const char *file, Diagnostics *diagnostics, json_object **ret) {
        _cleanup_json_object_ json_object *value = NULL;
        Reader reader = { .file = file, .diagnostics = diagnostics };
        int r;

        r = load(file, diagnostics);
        if (r < 0)
                return r;
        if (!sym_yaml_parser_initialize(&reader.parser))
                return -ENOMEM;
        sym_yaml_parser_set_input_string(&reader.parser, (const unsigned char *) text, size);
        r = read_stream(&reader, &value);
        sym_yaml_parser_delete(&reader.parser);
        if (r >= 0)
                *ret = TAKE_PTR(value);
        return r;
}

#else

int yaml_to_json(_unused_ const char *text, _unused_ size_t size, const char *file, Diagnostics *diagnostics,
                 _unused_ json_object **ret) {
        return diagnose_error(diagnostics, &(Location) { .file = file },
                              "it is YAML, and this berth was built without libyaml; JSON needs none");
}

#endif
