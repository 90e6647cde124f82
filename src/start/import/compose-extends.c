/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Services of a file of compose that extend others. */
#include "start/import/compose-extends.h"

#include <errno.h>

enum {
        CHAIN_MAX = 8,        /* one that extends one that extends … */
        COPIES_MAX = 8 << 20, /* bytes, of all services together */
};

typedef struct Extension {
        const YamlNode *services;
        Diagnostics *diagnostics;
        size_t room;
} Extension;

static int extend_map(Extension *extension, YamlNode *map, const YamlNode *base, unsigned depth);

/* What is in the base comes first: of variables and the like the last counts. */
static int extend_list(Extension *extension, YamlNode *list, const YamlNode *base, unsigned depth) {
        size_t own = list->count;

        for (size_t i = 0; i < base->count + own; i++) {
                YamlNode *value = NULL;
                int r = i < base->count ? yaml_copy(base->items[i].value, depth, &extension->room, &value) : 0;

                if (i >= base->count) {
                        value = list->items[0].value;
                        memmove(list->items, list->items + 1, --list->count * sizeof(list->items[0]));
                }
                if (r >= 0)
                        r = yaml_add(list, NULL, &(Location) {}, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Commands are whole. */
static bool is_replaced(const char *key) {
        static const char *const whole[] = { "command", "entrypoint", "test" };

        for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
                if (streq(key, whole[i]))
                        return true;
        return false;
}

static int extend_member(Extension *extension, YamlNode *map, const YamlItem *item, unsigned depth) {
        YamlNode *value = NULL, *own = NULL;
        int r;

        for (size_t i = 0; i < map->count; i++)
                if (streq(map->items[i].key, item->key))
                        own = map->items[i].value;
        if (own && (is_replaced(item->key) || own->kind != item->value->kind))
                return 0;
        if (own && own->kind == YAML_NODE_MAP)
                return extend_map(extension, own, item->value, depth + 1);
        if (own && own->kind == YAML_NODE_LIST)
                return extend_list(extension, own, item->value, depth + 1);
        if (own)
                return 0;
        r = yaml_copy(item->value, depth + 1, &extension->room, &value);
        return r < 0 ? r : yaml_add(map, item->key, &item->key_where, value);
}

static int extend_map(Extension *extension, YamlNode *map, const YamlNode *base, unsigned depth) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < base->count; i++)
                r = streq(base->items[i].key, "extends") ? 0 : extend_member(extension, map, &base->items[i], depth);
        return r;
}

static void remove_member(YamlNode *map, const char *key) {
        size_t kept = 0;

        for (size_t i = 0; i < map->count; i++)
                if (streq(map->items[i].key, key)) {
                        free(map->items[i].key);
                        yaml_node_free(map->items[i].value);
                } else
                        map->items[kept++] = map->items[i];
        map->count = kept;
}

static int refuse(const Extension *extension, const YamlNode *node, const char *what) {
        return diagnose_error(extension->diagnostics, &node->where, "%s", what);
}

static int extend_service(Extension *extension, YamlNode *service, unsigned chain) {
        const YamlNode *extends = yaml_find(service, "extends"),
                       *name = extends && extends->kind == YAML_NODE_MAP ? yaml_find(extends, "service") : extends;
        YamlNode *base;
        int r;

        if (!extends || service->kind != YAML_NODE_MAP || yaml_find(extends, "file"))
                return 0;
        if (!name || name->kind != YAML_NODE_TEXT)
                return refuse(extension, extends, "\"extends\" must have the name of a service");
        base = (YamlNode *) yaml_find(extension->services, name->text);
        if (!base || base->kind != YAML_NODE_MAP)
                return refuse(extension, name, "there is no such service to extend");
        if (chain >= CHAIN_MAX)
                return refuse(extension, name, "services that extend each other have no end");
        r = extend_service(extension, base, chain + 1);
        if (r < 0)
                return r;
        r = extend_map(extension, service, base, 2);
        if (r == -E2BIG || r == -ELOOP)
                return refuse(extension, extends, "what it extends is too much");
        if (r >= 0)
                remove_member(service, "extends");
        return r;
}

int compose_extend(YamlNode *root, Diagnostics *diagnostics) {
        Extension extension = { yaml_find(root, "services"), diagnostics, COPIES_MAX };
        int r = 0;

        if (!extension.services || extension.services->kind != YAML_NODE_MAP)
                return 0;
        for (size_t i = 0; r >= 0 && i < extension.services->count; i++)
                r = extend_service(&extension, extension.services->items[i].value, 0);
        return r;
}
