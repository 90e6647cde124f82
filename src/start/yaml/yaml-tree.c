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

enum { ANCHORS_MAX = 1000 };

/* What an alias stands for. */
typedef struct Anchor {
        char *name;
        const YamlNode *node; /* NULL: it has not ended */
} Anchor;

typedef struct Reader {
        yaml_parser_t parser;
        const char *file;
        YamlFlags flags;
        Diagnostics *diagnostics;
        unsigned depth;
        Anchor *anchors; /* of several of one name the last counts */
        size_t anchor_count, anchors_allocated;
        size_t room; /* for copies */
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

static const char *anchor_of(const yaml_event_t *event) {
        return (const char *) (event->type == YAML_SCALAR_EVENT          ? event->data.scalar.anchor
                               : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                                                          : event->data.mapping_start.anchor);
}

/* A node begins. */
static int check_properties(const Reader *reader, const yaml_event_t *event) {
        const unsigned char *tag = event->type == YAML_SCALAR_EVENT          ? event->data.scalar.tag
                                   : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
                                                                              : event->data.mapping_start.tag;

        if (!(reader->flags & YAML_ALIASES) && (tag || anchor_of(event)))
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        if (tag)
                return refuse(reader, &event->start_mark, "tags are not understood");
        return 0;
}

/* Makes the anchor known; what it is at comes with the same name later. */
static int set_anchor(Reader *reader, const yaml_event_t *event, const YamlNode *node) {
        const char *name = anchor_of(event);
        char *copy;

        if (!name)
                return 0;
        for (size_t i = reader->anchor_count; node && i > 0; i--)
                if (!reader->anchors[i - 1].node && streq(reader->anchors[i - 1].name, name)) {
                        reader->anchors[i - 1].node = node;
                        return 0;
                }
        if (reader->anchor_count >= ANCHORS_MAX)
                return refuse(reader, &event->start_mark, "there are too many anchors");
        copy = strdup(name);
        if (!copy || ARRAY_RESERVE(reader->anchors, reader->anchors_allocated, reader->anchor_count + 1) < 0) {
                free(copy);
                return -ENOMEM;
        }
        reader->anchors[reader->anchor_count++] = (Anchor) { copy, node };
        return 0;
}

static void forget_anchors(Reader *reader) {
        for (size_t i = 0; i < reader->anchor_count; i++)
                free(reader->anchors[i].name);
        free(reader->anchors);
}

/* What is refused of a copy. */
static int judge_copy(const Reader *reader, const Location *where, int r) {
        switch (r) {
        case -E2BIG:
                return diagnose_error(reader->diagnostics, where, "aliases make too much of it");
        case -ELOOP:
                return diagnose_error(reader->diagnostics, where, "it is nested too deeply");
        default:
                return r;
        }
}

static int read_alias(Reader *reader, const yaml_event_t *event, YamlNode **ret) {
        const char *name = (const char *) event->data.alias.anchor;
        const Location where = place_of(reader, &event->start_mark);
        size_t i = reader->anchor_count;

        if (!(reader->flags & YAML_ALIASES))
                return refuse(reader, &event->start_mark, "anchors and tags are not understood");
        while (i > 0 && !streq(reader->anchors[i - 1].name, name))
                i--;
        if (i == 0)
                return refuse(reader, &event->start_mark, "there is no such anchor before it");
        if (!reader->anchors[i - 1].node)
                return refuse(reader, &event->start_mark, "an alias cannot stand in its own anchor");
        return judge_copy(reader, &where,
                          yaml_copy(reader->anchors[i - 1].node, reader->depth, &reader->room, ret));
}

static int read_scalar(Reader *reader, const yaml_event_t *event, YamlNode **ret) {
        const char *text = (const char *) event->data.scalar.value;
        YamlNode *node;
        int r = check_properties(reader, event);

        if (r < 0)
                return r;
        if (strlen(text) != event->data.scalar.length)
                return refuse(reader, &event->start_mark, "there is a NUL in a text");
        node = new_node(reader, event, YAML_NODE_TEXT);
        if (!node)
                return -ENOMEM;
        *ret = node;
        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node->text = strdup(text);
        return node->text ? set_anchor(reader, event, node) : -ENOMEM;
}

static int read_value(Reader *reader, const yaml_event_t *event, YamlNode **ret);

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
                item = yaml_node_grow(list);
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
        item = yaml_node_grow(map);
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

        r = check_properties(reader, event);
        if (r >= 0)
                r = set_anchor(reader, event, NULL);
        if (r < 0)
                return r;
        if (reader->depth >= YAML_DEPTH_MAX)
                return refuse(reader, &event->start_mark, "it is nested too deeply");
        *ret = new_node(reader, event, mapping ? YAML_NODE_MAP : YAML_NODE_LIST);
        if (!*ret)
                return -ENOMEM;
        reader->depth++;
        while (r == 0)
                r = mapping ? read_entry(reader, *ret) : read_item(reader, *ret);
        reader->depth--;
        return r < 0 ? r : set_anchor(reader, event, *ret);
}

/* What was read of it is in `ret` also on failure. */
static int read_value(Reader *reader, const yaml_event_t *event, YamlNode **ret) {
        switch (event->type) {
        case YAML_SCALAR_EVENT:
                return read_scalar(reader, event, ret);
        case YAML_MAPPING_START_EVENT:
        case YAML_SEQUENCE_START_EVENT:
                return read_collection(reader, event, ret);
        case YAML_ALIAS_EVENT:
                return read_alias(reader, event, ret);
        default:
                return refuse(reader, &event->start_mark, "it is no YAML");
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

int yaml_tree_read(const char *text, size_t size, const char *file, YamlFlags flags, Diagnostics *diagnostics,
                   YamlNode **ret) {
        _cleanup_yaml_node_ YamlNode *node = NULL;
        Reader reader = { .file = file, .flags = flags, .diagnostics = diagnostics, .room = YAML_COPIES_MAX };
        int r;

        r = load(file, diagnostics);
        if (r < 0)
                return r;
        if (!sym_yaml_parser_initialize(&reader.parser))
                return -ENOMEM;
        sym_yaml_parser_set_input_string(&reader.parser, (const unsigned char *) text, size);
        r = read_stream(&reader, &node);
        sym_yaml_parser_delete(&reader.parser);
        forget_anchors(&reader);
        if (r >= 0 && node && flags & YAML_ALIASES)
                r = judge_copy(&reader, &node->where, yaml_merge_keys(node, 0, &reader.room));
        if (r >= 0)
                *ret = TAKE_PTR(node);
        return r;
}

#else

int yaml_tree_read(_unused_ const char *text, _unused_ size_t size, const char *file, _unused_ YamlFlags flags,
                   Diagnostics *diagnostics, _unused_ YamlNode **ret) {
        return diagnose_error(diagnostics, &(Location) { .file = file },
                              "it is YAML, and this berth was built without libyaml; JSON needs none");
}

#endif
