/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as a tree in which everything has its place: the only user of libyaml, which is loaded
 * then. */
#pragma once

#include "basic/diagnostics.h"

typedef enum YamlKind {
        YAML_NODE_TEXT,
        YAML_NODE_LIST,
        YAML_NODE_MAP,
} YamlKind;

typedef struct YamlNode YamlNode;

/* One of a list, or of a map. */
typedef struct YamlItem {
        char *key; /* of a map */
        Location key_where;
        YamlNode *value;
} YamlItem;

struct YamlNode {
        YamlKind kind;
        Location where;
        char *text; /* of a text */
        bool plain; /* it is written without quotes, and may be a number, true, false or null */
        YamlItem *items;
        size_t count, allocated;
};

/* Reads the only document of the text; NULL when there is none. Anchors and aliases, which can make
 * a small text a huge one, tags, keys that are no text, and more than 16 levels are refused. `file`
 * is its name in diagnostics, and borrowed by the nodes. Returns 0, -EREPORTED with a diagnostic
 * that says the place, also when libyaml cannot be loaded, or -ENOMEM. */
int yaml_tree_read(const char *text, size_t size, const char *file, Diagnostics *diagnostics, YamlNode **ret);

/* Returns whether it is null, as YAML writes it: nothing, "~" or "null". */
bool yaml_is_null(const YamlNode *node);

/* Returns the value of a key of a map, the last of several; NULL when there is none. Borrowed. */
const YamlNode *yaml_find(const YamlNode *node, const char *key);

/* NULL is fine. */
void yaml_node_free(YamlNode *node);
static inline void yaml_node_freep(YamlNode **node) { yaml_node_free(*node); }
#define _cleanup_yaml_node_ _cleanup_(yaml_node_freep)
