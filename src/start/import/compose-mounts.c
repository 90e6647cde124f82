/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service of compose has of the machine's files. */
#include "start/import/compose-mounts.h"

#include "basic/path.h"

static void set_text(const ComposeService *service, const char *key, Text *text) {
        service->file->lines[IMPORTED_OWN].failed |= text->failed;
        if (!text->failed && text->length > 0)
                imported_set(service->file, IMPORTED_OWN, key, text->data);
}

/* Appends a path of the machine's: what is relative is below the file's directory. Returns false
 * for what is none. */
static bool append_path(const ComposeService *service, const YamlNode *where, const char *path, size_t n, Text *text) {
        _cleanup_free_ char *copy = strndup(path, n), *joined = NULL;
        const char *rest = copy;

        if (*path == '~') {
                diagnose_error(service->compose->diagnostics, &where->where, "\"%s\": whose home is not known; write "
                               "the path", path);
                return false;
        }
        while (rest && startswith(rest, "./"))
                rest += 2;
        if (rest && *rest != '/')
                joined = streq(rest, ".") || !*rest ? strdup(service->compose->directory)
                                                    : path_join(service->compose->directory, rest);
        text->failed |= !copy || (*rest != '/' && !joined);
        text_append(text, joined ?: rest ?: "");
        return true;
}

static bool is_path(const char *text) {
        return *text == '/' || *text == '.' || *text == '~';
}

/* Appends what is mounted: a path, or a volume of the file's. */
static bool append_source(const ComposeService *service, const YamlNode *where, const char *source, size_t n,
                          Text *text) {
        const YamlNode *volumes = yaml_find(service->compose->root, "volumes");
        _cleanup_free_ char *name = NULL;

        if (is_path(source))
                return append_path(service, where, source, n, text);
        name = strndup(source, n);
        if (name && !yaml_find(volumes, name)) {
                diagnose_error(service->compose->diagnostics, &where->where, "there is no volume \"%s\" in \"volumes\"",
                               name);
                return false;
        }
        text->failed |= !name;
        text_appendf(text, "%s.volume", name ?: "");
        return true;
}

/* What Docker Desktop knows, and nothing here needs. */
static void append_options(const ComposeService *service, const YamlNode *where, const char *options, Text *text) {
        char separator = ':';

        while (*options) {
                size_t n = strcspn(options, ",");
                _cleanup_free_ char *option = strndup(options, n);

                text->failed |= !option;
                if (option && compose_word_is(option, (const char *const[]) { "cached", "delegated", "consistent",
                                                                              NULL }))
                        compose_left_out(&where->where, option, NULL, service->compose->diagnostics);
                else if (option && n > 0) {
                        text_appendf(text, "%c%s", separator, option);
                        separator = ',';
                }
                options += n + (options[n] == ',');
        }
}

/* [SOURCE:]TARGET[:OPTIONS] */
static void add_short(const ComposeService *service, const YamlNode *node, const char *value, const char *key) {
        const char *target = strchr(value, ':'), *options = target ? strchr(target + 1, ':') : NULL;
        _cleanup_text_ Text text = {};

        if (!target) {
                imported_set(service->file, IMPORTED_OWN, key, value);
                return;
        }
        if (!append_source(service, node, value, (size_t) (target - value), &text))
                return;
        text_append_n(&text, target, options ? (size_t) (options - target) : strlen(target));
        if (options)
                append_options(service, node, options + 1, &text);
        set_text(service, key, &text);
}

static const char *member(const ComposeService *service, const YamlNode *node, const char *name) {
        const YamlNode *value = yaml_find(node, name);

        return value ? compose_text(value, name, service->compose->diagnostics) : NULL;
}

static void add_long(const ComposeService *service, const YamlNode *node, const char *key) {
        static const char *const known[] = { "type", "source", "target", "read_only", NULL };
        const char *type = member(service, node, "type"), *source = member(service, node, "source"),
                   *target = member(service, node, "target"), *read_only = member(service, node, "read_only");
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < node->count; i++)
                if (!compose_word_is(node->items[i].key, known))
                        compose_left_out(&node->items[i].key_where, node->items[i].key, "options of Volume= say it",
                                         service->compose->diagnostics);
        if (!type || !target || !compose_word_is(type, (const char *const[]) { "bind", "volume", "tmpfs", NULL })) {
                diagnose_error(service->compose->diagnostics, &node->where,
                               "a mount must have a \"type\" of bind, volume or tmpfs, and a \"target\"");
                return;
        }
        if (source && !append_source(service, node, source, strlen(source), &text))
                return;
        text_appendf(&text, "%s%s%s", source ? ":" : "", target, streq_null(read_only, "true") ? ":ro" : "");
        set_text(service, streq(type, "tmpfs") ? "Tmpfs" : key, &text);
}

void compose_add_volumes(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlNode *node = item->value->items[i].value;
                const char *text = node->kind == YAML_NODE_MAP
                                           ? NULL
                                           : compose_text(node, item->key, service->compose->diagnostics);

                if (node->kind == YAML_NODE_MAP)
                        add_long(service, node, key);
                else if (text)
                        add_short(service, node, text, key);
        }
        if (item->value->kind != YAML_NODE_LIST)
                diagnose_error(service->compose->diagnostics, &item->value->where, "\"%s\" must be a list", item->key);
}

static void add_secret(const ComposeService *service, const YamlNode *node, const char *key) {
        static const char *const options[] = { "target", "uid", "gid", "mode", NULL };
        const char *name = node->kind == YAML_NODE_MAP ? member(service, node, "source")
                                                       : compose_text(node, "secrets", service->compose->diagnostics);
        _cleanup_text_ Text text = {};

        if (!name || !yaml_find(yaml_find(service->compose->root, "secrets"), name)) {
                diagnose_error(service->compose->diagnostics, &node->where, "there is no secret \"%s\" in \"secrets\"",
                               name ?: "");
                return;
        }
        text_append(&text, name);
        for (size_t i = 0; options[i] && node->kind == YAML_NODE_MAP; i++) {
                const char *value = member(service, node, options[i]);

                if (value)
                        text_appendf(&text, ",%s=%s", options[i], value);
        }
        set_text(service, key, &text);
}

void compose_add_secrets(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++)
                add_secret(service, item->value->items[i].value, key);
}

/* A file of the machine's, which is seen at /NAME unless there is a target. */
static void add_config(const ComposeService *service, const YamlNode *node, const char *key) {
        const char *name = node->kind == YAML_NODE_MAP ? member(service, node, "source")
                                                       : compose_text(node, "configs", service->compose->diagnostics),
                   *target = node->kind == YAML_NODE_MAP ? member(service, node, "target") : NULL;
        const YamlNode *config = name ? yaml_find(yaml_find(service->compose->root, "configs"), name) : NULL,
                       *file = yaml_find(config, "file");
        const char *path = file ? compose_text(file, "file", service->compose->diagnostics) : NULL;
        _cleanup_text_ Text text = {};

        if (!config)
                diagnose_error(service->compose->diagnostics, &node->where, "there is no config \"%s\" in \"configs\"",
                               name ?: "");
        else if (!file)
                compose_left_out(&node->where, name, "put it into a file, and mount that by Volume=",
                                 service->compose->diagnostics);
        if (!path || !append_path(service, file, path, strlen(path), &text))
                return;
        text_appendf(&text, ":%s%s:ro", target && *target == '/' ? "" : "/", target ?: name);
        set_text(service, key, &text);
}

void compose_add_configs(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++)
                add_config(service, item->value->items[i].value, key);
}

static void add_env_file(const ComposeService *service, const YamlNode *node, const char *key) {
        const YamlNode *required = yaml_find(node, "required");
        const char *path = node->kind == YAML_NODE_MAP ? member(service, node, "path")
                                                       : compose_text(node, "env_file", service->compose->diagnostics);
        _cleanup_text_ Text text = {};

        if (!path)
                return;
        if (required && compose_bool(required, "required", service->compose->diagnostics) == 0)
                text_append(&text, "-");
        if (append_path(service, node, path, strlen(path), &text))
                set_text(service, key, &text);
}

void compose_add_env_files(const ComposeService *service, const YamlItem *item, const char *key) {
        if (item->value->kind != YAML_NODE_LIST)
                add_env_file(service, item->value, key);
        for (size_t i = 0; i < item->value->count && item->value->kind == YAML_NODE_LIST; i++)
                add_env_file(service, item->value->items[i].value, key);
}
