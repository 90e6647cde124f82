/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as JSON. */
#include "start/cdi/cdi-yaml.h"

#include <errno.h>

#include "start/yaml/yaml-tree.h"

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

static int convert(const YamlNode *node, json_object **ret);

static int add(json_object *to, const YamlItem *item) {
        json_object *value = NULL;
        int r = convert(item->value, &value);

        if (r < 0)
                return r;
        r = item->key ? json_object_object_add(to, item->key, value) : json_object_array_add(to, value);
        if (r < 0)
                json_object_put(value);
        return r < 0 ? -ENOMEM : 0;
}

static int convert_collection(const YamlNode *node, json_object **ret) {
        _cleanup_json_object_ json_object *value = node->kind == YAML_NODE_MAP ? json_object_new_object()
                                                                               : json_object_new_array();
        int r = value ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < node->count; i++)
                r = add(value, &node->items[i]);
        if (r >= 0)
                *ret = TAKE_PTR(value);
        return r;
}

static int convert(const YamlNode *node, json_object **ret) {
        if (yaml_is_null(node)) {
                *ret = NULL;
                return 0;
        }
        if (node->kind != YAML_NODE_TEXT)
                return convert_collection(node, ret);
        *ret = node->plain ? plain_value(node->text) : json_object_new_string(node->text);
        return *ret ? 0 : -ENOMEM;
}

int yaml_to_json(const char *text, size_t size, const char *file, Diagnostics *diagnostics, json_object **ret) {
        _cleanup_yaml_node_ YamlNode *tree = NULL;
        int r = yaml_tree_read(text, size, file, 0, diagnostics, &tree);

        return r < 0 ? r : convert(tree, ret);
}
