/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree that YAML becomes. */
#include "start/yaml/yaml-node.h"

#include <errno.h>

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

YamlItem *yaml_node_grow(YamlNode *node) {
        if (ARRAY_RESERVE(node->items, node->allocated, node->count + 1) < 0)
                return NULL;
        node->items[node->count] = (YamlItem) {};
        return &node->items[node->count++];
}

int yaml_add(YamlNode *node, const char *key, const Location *where, YamlNode *value) {
        _cleanup_yaml_node_ YamlNode *owned = value;
        _cleanup_free_ char *name = key ? strdup(key) : NULL;
        YamlItem *item = key && !name ? NULL : yaml_node_grow(node);

        if (!item)
                return -ENOMEM;
        *item = (YamlItem) { TAKE_PTR(name), *where, TAKE_PTR(owned) };
        return 0;
}

static int copy_items(const YamlNode *node, unsigned depth, size_t *room, YamlNode *copy) {
        for (size_t i = 0; i < node->count; i++) {
                const YamlItem *item = &node->items[i];
                YamlNode *value = NULL;
                int r = yaml_copy(item->value, depth + 1, room, &value);

                if (r >= 0)
                        r = yaml_add(copy, item->key, &item->key_where, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A member's key counts with it. */
static size_t size_of(const YamlNode *node) {
        size_t size = sizeof(*node) + sizeof(YamlItem) + (node->text ? strlen(node->text) : 0);

        for (size_t i = 0; i < node->count; i++)
                size += node->items[i].key ? strlen(node->items[i].key) : 0;
        return size;
}

/* As deep as it can be is little. */
int yaml_copy(const YamlNode *node, unsigned depth, size_t *room, YamlNode **ret) {
        _cleanup_yaml_node_ YamlNode *copy = NULL;
        size_t size = size_of(node);
        int r;

        if (size > *room)
                return -E2BIG;
        if (depth >= YAML_DEPTH_MAX)
                return -ELOOP;
        *room -= size;
        copy = calloc(1, sizeof(*copy));
        if (!copy)
                return -ENOMEM;
        *copy = (YamlNode) { .kind = node->kind, .where = node->where, .plain = node->plain };
        copy->text = node->text ? strdup(node->text) : NULL;
        if (node->text && !copy->text)
                return -ENOMEM;
        r = copy_items(node, depth, room, copy);
        if (r >= 0)
                *ret = TAKE_PTR(copy);
        return r;
}

/* Those that are there already stay as they are. */
static int merge(YamlNode *map, const YamlNode *from, unsigned depth, size_t *room) {
        for (size_t i = 0; from->kind == YAML_NODE_MAP && i < from->count; i++) {
                const YamlItem *item = &from->items[i];
                YamlNode *value = NULL;
                int r;

                if (yaml_find(map, item->key))
                        continue;
                r = yaml_copy(item->value, depth, room, &value);
                if (r >= 0)
                        r = yaml_add(map, item->key, &item->key_where, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Takes the member out of the map. */
static YamlNode *take(YamlNode *map, size_t index) {
        YamlNode *value = map->items[index].value;

        free(map->items[index].key);
        map->count--;
        memmove(&map->items[index], &map->items[index + 1], (map->count - index) * sizeof(map->items[0]));
        return value;
}

static int merge_own(YamlNode *map, unsigned depth, size_t *room) {
        for (size_t i = 0; i < map->count;) {
                _cleanup_yaml_node_ YamlNode *from = NULL;
                int r;

                if (!streq_null(map->items[i].key, "<<") || map->items[i].value->kind == YAML_NODE_TEXT) {
                        i++;
                        continue;
                }
                from = take(map, i);
                r = merge(map, from, depth + 1, room);
                for (size_t j = 0; r >= 0 && from->kind == YAML_NODE_LIST && j < from->count; j++)
                        r = merge(map, from->items[j].value, depth + 1, room);
                if (r < 0)
                        return r;
        }
        return 0;
}

int yaml_merge_keys(YamlNode *node, unsigned depth, size_t *room) {
        for (size_t i = 0; i < node->count; i++) {
                int r = yaml_merge_keys(node->items[i].value, depth + 1, room);

                if (r < 0)
                        return r;
        }
        return node->kind == YAML_NODE_MAP ? merge_own(node, depth, room) : 0;
}
