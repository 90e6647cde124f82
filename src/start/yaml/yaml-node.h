/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree that YAML becomes, in which everything has its place. */
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

/* Returns whether it is null, as YAML writes it: nothing, "~" or "null". */
bool yaml_is_null(const YamlNode *node);

/* Returns the value of a key of a map, the last of several; NULL when there is none. Borrowed. */
const YamlNode *yaml_find(const YamlNode *node, const char *key);

/* NULL is fine. */
void yaml_node_free(YamlNode *node);
static inline void yaml_node_freep(YamlNode **node) { yaml_node_free(*node); }
#define _cleanup_yaml_node_ _cleanup_(yaml_node_freep)

/* Adds a member to a map, or with `key` NULL an item to a list. `value` is taken over, also on
 * failure. Returns 0 or -ENOMEM. */
int yaml_add(YamlNode *node, const char *key, const Location *where, YamlNode *value);

/* Copies a node with all that is in it; `room` is how many bytes that may take, and gets less.
 * `depth` levels are above it. Returns 0, -E2BIG when it is too much, -ELOOP when there are more
 * than 16 levels, or -ENOMEM. */
int yaml_copy(const YamlNode *node, unsigned depth, size_t *room, YamlNode **ret);

enum {
        YAML_DEPTH_MAX = 16,       /* those that are read have six levels */
        YAML_COPIES_MAX = 8 << 20, /* bytes */
};

/* Adds an item without anything, for the next value. Returns it, borrowed, or NULL when memory is
 * short. */
YamlItem *yaml_node_grow(YamlNode *node);

/* Puts the members of what "<<" stands for, a map or a list of them, into the map that it is in:
 * those that are not there, of several the first. The same for all that is in the node. As
 * yaml_copy(). */
int yaml_merge_keys(YamlNode *node, unsigned depth, size_t *room);
