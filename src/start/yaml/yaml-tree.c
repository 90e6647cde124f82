/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as a tree. */
#include "start/yaml/yaml-tree.h"

#include <errno.h>
#if HAVE_YAML
#include <yaml.h>
#endif

#include "basic/dynamic.h"

#if HAVE_YAML

DYNAMIC_NOTE(yaml, "libyaml-0.so.2", "cdi", "suggested", "Descriptions of devices in YAML, files of compose");
DYNAMIC_FUNCTION(yaml_parser_initialize);
DYNAMIC_FUNCTION(yaml_parser_set_input_string);
DYNAMIC_FUNCTION(yaml_parser_parse);
DYNAMIC_FUNCTION(yaml_parser_delete);
DYNAMIC_FUNCTION(yaml_event_delete);

enum { DEPTH_MAX = 16 }; /* those that are read have six levels */

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

static Location place_of(const Reader *reader, const yaml_mark_t *mark) {
        return (Location) { .file = reader->file, .line = (unsigned) mark->line + 1,
                            .column = (unsigned) mark->column + 1 };
}

static int refuse(const Reader *reader, const yaml_mark_t *mark, const char *what) {
        const Location where = place_of(reader, mark);

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

static YamlNode *new_node(const Reader *reader, const yaml_event_t *event, YamlKind kind) {
        YamlNode *node = calloc(1, sizeof(*node));

        if (node)
                *node = (YamlNode) { .kind = kind, .where = place_of(reader, &event->start_mark) };
        return node;
}

static int read_scalar(const Reader *reader, const yaml_event_t *event, YamlNode **ret) {
        const char *text = (const char *) event->data.scalar.value;
        YamlNode *node;

        if (event->data.scalar.anchor || event->data.scalar.tag)
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        if (strlen(text) != event->data.scalar.length)
                return refuse(reader, &event->start_mark, "there is a NUL in a text");
        node = new_node(reader, event, YAML_NODE_TEXT);
        if (!node)
                return -ENOMEM;
        *ret = node;
        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node->text = strdup(text);
        return node->text ? 0 : -ENOMEM;
}

static int read_value(Reader *reader, const yaml_event_t *event, YamlNode **ret);

/* The item that the next value is put into, which is the node's. */
static YamlItem *add_item(YamlNode *node) {
        if (ARRAY_RESERVE(node->items, node->allocated, node->count + 1) < 0)
                return NULL;
        node->items[node->count] = (YamlItem) {};
        return &node->items[node->count++];
}

/* Returns 1 at the end of the sequence. */
static int read_item(Reader *reader, YamlNode *list) {
        YamlItem *item;
        yaml_event_t event;
        int r = next(reader, &event);

        if (r < 0)
                return r;
        if (event.type == YAML_SEQUENCE_END_EVENT)
                r = 1;
        else {
                item = add_item(list);
                r = item ? read_value(reader, &event, &item->value) : -ENOMEM;
        }
        sym_yaml_event_delete(&event);
        return r;
}

static int read_member(Reader *reader, const yaml_event_t *key, YamlNode *map) {
        yaml_event_t event;
        YamlItem *item;
        int r;

        if (key->type != YAML_SCALAR_EVENT || key->data.scalar.anchor || key->data.scalar.tag)
                return refuse(reader, &key->start_mark, "a key must be a text");
        item = add_item(map);
        if (!item)
                return -ENOMEM;
        item->key = strdup((const char *) key->data.scalar.value);
        item->key_where = place_of(reader, &key->start_mark);
        if (!item->key)
                return -ENOMEM;
        r = next(reader, &event);
        if (r < 0)
                return r;
        r = read_value(reader, &event, &item->value);
        sym_yaml_event_delete(&event);
        return r;
}

/* Returns 1 at the end of the mapping. */
static int read_entry(Reader *reader, YamlNode *map) {
        yaml_event_t event;
        int r = next(reader, &event);

        if (r < 0)
                return r;
        r = event.type == YAML_MAPPING_END_EVENT ? 1 : read_member(reader, &event, map);
        sym_yaml_event_delete(&event);
        return r;
}

static int read_collection(Reader *reader, const yaml_event_t *event, YamlNode **ret) {
        bool mapping = event->type == YAML_MAPPING_START_EVENT;
        int r = 0;

        if (mapping ? event->data.mapping_start.anchor || event->data.mapping_start.tag
                    : event->data.sequence_start.anchor || event->data.sequence_start.tag)
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        if (reader->depth >= DEPTH_MAX)
                return refuse(reader, &event->start_mark, "it is nested too deeply");
        *ret = new_node(reader, event, mapping ? YAML_NODE_MAP : YAML_NODE_LIST);
        if (!*ret)
                return -ENOMEM;
        reader->depth++;
        while (r == 0)
                r = mapping ? read_entry(reader, *ret) : read_item(reader, *ret);
        reader->depth--;
        return r < 0 ? r : 0;
}

/* What was read of it is in `ret` also on failure. */
static int read_value(Reader *reader, const yaml_event_t *event, YamlNode **ret) {
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
static int read_stream(Reader *reader, YamlNode **ret) {
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

int yaml_tree_read(const char *text, size_t size, const char *file, Diagnostics *diagnostics, YamlNode **ret) {
        _cleanup_yaml_node_ YamlNode *node = NULL;
        Reader reader = { .file = file, .diagnostics = diagnostics };
        int r;

        r = load(file, diagnostics);
        if (r < 0)
                return r;
        if (!sym_yaml_parser_initialize(&reader.parser))
                return -ENOMEM;
        sym_yaml_parser_set_input_string(&reader.parser, (const unsigned char *) text, size);
        r = read_stream(&reader, &node);
        sym_yaml_parser_delete(&reader.parser);
        if (r >= 0)
                *ret = TAKE_PTR(node);
        return r;
}

#else

int yaml_tree_read(_unused_ const char *text, _unused_ size_t size, const char *file, Diagnostics *diagnostics,
                   _unused_ YamlNode **ret) {
        return diagnose_error(diagnostics, &(Location) { .file = file },
                              "it is YAML, and this berth was built without libyaml; JSON needs none");
}

#endif

bool yaml_is_null(const YamlNode *node) {
        return !node || (node->kind == YAML_NODE_TEXT && node->plain &&
                         (streq(node->text, "") || streq(node->text, "~") || streq(node->text, "null")));
}

const YamlNode *yaml_find(const YamlNode *node, const char *key) {
        const YamlNode *found = NULL;

        for (size_t i = 0; node && node->kind == YAML_NODE_MAP && i < node->count; i++)
                if (streq(node->items[i].key, key))
                        found = node->items[i].value;
        return found;
}

/* As deep as it can be is little. */
void yaml_node_free(YamlNode *node) {
        for (size_t i = 0; node && i < node->count; i++) {
                free(node->items[i].key);
                yaml_node_free(node->items[i].value);
        }
        if (node) {
                free(node->items);
                free(node->text);
        }
        free(node);
}
