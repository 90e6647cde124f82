/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One service of a file of compose: its words, by the table in compose-words.def. */
#include "start/import/compose-service.h"

#include <errno.h>

#include "basic/json.h"
#include "basic/words.h"
#include "config/image-reference.h"
#include "source/unit-name.h"
#include "start/import/compose-life.h"
#include "start/import/compose-limits.h"
#include "start/import/compose-mounts.h"
#include "start/import/compose-network.h"

#define DOCKER_REGISTRY "docker.io/"
#define DOCKER_LIBRARY "library/"

typedef void (*How)(const ComposeService *service, const YamlItem *item, const char *key);

/* Plain ones */

static void how_bool(const ComposeService *service, const YamlItem *item, const char *key) {
        int r = compose_bool(item->value, item->key, service->compose->diagnostics);

        if (r >= 0)
                imported_set(service->file, IMPORTED_OWN, key, r ? "yes" : "no");
}

/* A text, or several. */
static void how_list(const ComposeService *service, const YamlItem *item, const char *key) {
        if (item->value->kind == YAML_NODE_TEXT) {
                compose_add_text(service, item, key);
                return;
        }
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem one = { .key = item->key, .value = item->value->items[i].value };

                if (item->value->kind == YAML_NODE_LIST)
                        compose_add_text(service, &one, key);
        }
        if (item->value->kind != YAML_NODE_LIST)
                compose_refuse(service, item->value, item->key, "a list");
}

static void add_pair(const ComposeService *service, const char *name, const YamlNode *value, const char *key) {
        const char *text = yaml_is_null(value) ? compose_variable(service->compose->variables, name)
                                               : compose_text(value, name, service->compose->diagnostics);
        _cleanup_free_ char *pair = text ? text_format("%s=%s", name, text) : NULL;

        if (!text && yaml_is_null(value))
                diagnose_warning(service->compose->diagnostics, &value->where,
                                 "\"%s\" has no value here, and is left out", name);
        else if (text && !pair)
                service->file->lines[IMPORTED_OWN].failed = true;
        else if (text)
                imported_add_word(service->file, IMPORTED_OWN, key, pair);
}

/* What has no registry is of Docker's. */
static void how_image(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);
        _cleanup_free_ char *name = NULL, *full = NULL;
        int r = text ? image_reference_short_name(text, &name) : 0;

        if (r > 0)
                full = text_format(DOCKER_REGISTRY "%s%s", strchr(name, '/') ? "" : DOCKER_LIBRARY, text);
        service->file->lines[IMPORTED_OWN].failed |= r < 0 || (r > 0 && !full);
        if (text)
                imported_set(service->file, IMPORTED_OWN, key, full ?: text);
}

/* As Docker names what it has built. */
static void how_build(const ComposeService *service, const YamlItem *item, const char *key) {
        const YamlNode *context = yaml_find(item->value, "context") ?: item->value;
        _cleanup_free_ char *image = text_format("localhost/%s-%s:latest", service->compose->project, service->name);

        service->file->lines[IMPORTED_OWN].failed |= !image;
        if (!image || yaml_find(service->node, "image")) {
                compose_leave_out(service, item,
                                  "the image is to be built and pushed, or put there by berth pull, beforehand");
                return;
        }
        diagnose_warning(service->compose->diagnostics, &item->key_where,
                         "\"%s\" has no equivalent: build the image as %s, with podman or buildah, of %s", item->key,
                         image, context->kind == YAML_NODE_TEXT ? context->text : ".");
        imported_set(service->file, IMPORTED_OWN, key, image);
}

/* NAME alone: of the environment, the value that the variable has; a label has none. */
static void add_name(const ComposeService *service, const YamlNode *name, const char *key) {
        static const YamlNode nothing = { .kind = YAML_NODE_TEXT, .text = (char *) "" , .plain = true };
        YamlNode value = nothing;

        value.where = name->where;
        if (streq(key, "Environment"))
                add_pair(service, name->text, &value, key);
        else if (compose_text(name, key, service->compose->diagnostics))
                imported_add_word(service->file, IMPORTED_OWN, key, name->text);
}

/* NAME=VALUE in a list, or a map. A value of several lines is a word like any other. */
static void how_pairs(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *pair = &item->value->items[i];

                if (pair->key && pair->value->kind == YAML_NODE_TEXT && strchr(pair->value->text, '\n')) {
                        _cleanup_free_ char *word = text_format("%s=%s", pair->key, pair->value->text);

                        service->file->lines[IMPORTED_OWN].failed |= !word;
                        imported_add_word(service->file, IMPORTED_OWN, key, word ?: "");
                } else if (pair->key)
                        add_pair(service, pair->key, pair->value, key);
                else if (pair->value->kind == YAML_NODE_TEXT && strchr(pair->value->text, '='))
                        imported_add_word(service->file, IMPORTED_OWN, key, pair->value->text);
                else if (pair->value->kind == YAML_NODE_TEXT && !yaml_is_null(pair->value))
                        add_name(service, pair->value, key);
                else
                        compose_refuse(service, pair->value, item->key, "NAME=VALUE");
        }
        if (item->value->kind == YAML_NODE_TEXT)
                compose_refuse(service, item->value, item->key, "a list or a map");
}

/* Commands */

/* A text that a shell's rules split, or words. Returns false when it is neither. */
static bool get_words(const ComposeService *service, const YamlItem *item, StringList *words) {
        const YamlNode *node = item->value;
        int r = 0;

        if (node->kind == YAML_NODE_TEXT)
                r = words_split(node->text, words);
        for (size_t i = 0; r >= 0 && i < node->count; i++)
                r = node->items[i].value->kind == YAML_NODE_TEXT && node->kind == YAML_NODE_LIST
                                    ? string_list_add(words, node->items[i].value->text)
                                    : -EINVAL;
        if (r == -EINVAL || (node->kind == YAML_NODE_MAP && node->count == 0))
                compose_refuse(service, node, item->key,
                               "a command: a text with its quotes closed, or a list of words");
        service->file->lines[IMPORTED_OWN].failed |= r == -ENOMEM;
        return r >= 0 && node->kind != YAML_NODE_MAP;
}

static void how_command(const ComposeService *service, const YamlItem *item, const char *key) {
        _cleanup_string_list_ StringList words = {};
        _cleanup_text_ Text line = {};

        if (yaml_is_null(item->value) || !get_words(service, item, &words))
                return;
        for (size_t i = 0; i < words.count; i++) {
                if (i > 0)
                        text_append_char(&line, ' ');
                word_append_quoted(&line, words.items[i], true, true);
        }
        service->file->lines[IMPORTED_OWN].failed |= line.failed;
        if (line.length > 0)
                imported_add_line(service->file, IMPORTED_OWN, key, line.data);
}

static void set_array(const ComposeService *service, const char *key, const StringList *words) {
        _cleanup_json_object_ json_object *array = json_from_strings(words);
        const char *text = array ? json_object_to_json_string_ext(array, JSON_C_TO_STRING_PLAIN |
                                                                                 JSON_C_TO_STRING_NOSLASHESCAPE)
                                 : NULL;

        if (text)
                imported_set(service->file, IMPORTED_OWN, key, text);
        else
                service->file->lines[IMPORTED_OWN].failed = true;
}

static void how_entrypoint(const ComposeService *service, const YamlItem *item, const char *key) {
        _cleanup_string_list_ StringList words = {};

        if (!yaml_is_null(item->value) && get_words(service, item, &words) && words.count > 0)
                set_array(service, key, &words);
}

static void add_health_test(const ComposeService *service, const YamlItem *item) {
        _cleanup_string_list_ StringList words = {};
        int r = 0;

        if (item->value->kind == YAML_NODE_TEXT) {
                r = string_list_add(&words, "CMD-SHELL");
                if (r >= 0)
                        r = string_list_add(&words, item->value->text);
        } else if (!get_words(service, item, &words))
                return;
        service->file->lines[IMPORTED_OWN].failed |= r < 0;
        if (words.count == 1 && streq(words.items[0], "NONE"))
                imported_set(service->file, IMPORTED_OWN, "HealthCmd", "none");
        else if (words.count > 1)
                set_array(service, "HealthCmd", &words);
}

static void how_health(const ComposeService *service, const YamlItem *item, const char *key) {
        static const struct {
                const char *word, *key;
        } spans[] = { { "interval", "HealthInterval" },
                      { "retries", "HealthRetries" },
                      { "start_period", "HealthStartPeriod" },
                      { "timeout", "HealthTimeout" } };

        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *part = &item->value->items[i];
                const char *name = part->key ?: "";
                size_t j = 0;

                while (j < ARRAY_SIZE(spans) && !streq(name, spans[j].word))
                        j++;
                if (j < ARRAY_SIZE(spans))
                        compose_add_text(service, part, spans[j].key);
                else if (streq(name, "test"))
                        add_health_test(service, part);
                else if (streq(name, "disable")) {
                        if (compose_bool(part->value, name, service->compose->diagnostics) > 0)
                                imported_set(service->file, IMPORTED_OWN, key, "none");
                } else if (part->key)
                        compose_leave_out(service, part, "HealthStartupCmd= and its like are the keys");
        }
        if (item->value->kind != YAML_NODE_MAP)
                compose_refuse(service, item->value, item->key, "a map");
}

/* Who and what it is */

static void how_user(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item), *group = text ? strchr(text, ':') : NULL;
        _cleanup_free_ char *user = group ? strndup(text, (size_t) (group - text)) : NULL;

        service->file->lines[IMPORTED_OWN].failed |= group && !user;
        if (text)
                imported_set(service->file, IMPORTED_OWN, key, user ?: text);
        if (group)
                imported_set(service->file, IMPORTED_OWN, "Group", group + 1);
}

/* A namespace. */
static void how_host(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);
        _cleanup_free_ char *why = text_format("%s= is the key", key);

        if (text && streq(text, "host"))
                imported_set(service->file, IMPORTED_OWN, key, text);
        else if (text)
                compose_leave_out(service, item, why);
}

/* What systemd reads as it is. */
static void how_service(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);

        if (text)
                imported_set(service->file, IMPORTED_SERVICE, key, text);
}

static void how_pull_policy(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);

        if (!text)
                return;
        if (compose_word_is(text, (const char *const[]) { "always", "missing", "never", NULL }))
                imported_set(service->file, IMPORTED_OWN, key, text);
        else if (streq(text, "if_not_present"))
                imported_set(service->file, IMPORTED_OWN, key, "missing");
        else
                compose_leave_out(service, item, "Pull= takes always, missing, never and newer");
}

static void add_security(const ComposeService *service, const YamlItem *item, const char *key, const char *text) {
        static const struct {
                const char *option, *key, *value;
        } options[] = {
                { "no-new-privileges", NULL, "yes" },
                { "no-new-privileges:true", NULL, "yes" },
                { "no-new-privileges:false", NULL, "no" },
                { "no-new-privileges=true", NULL, "yes" },
                { "label:disable", "SecurityLabelDisable", "yes" },
                { "label=disable", "SecurityLabelDisable", "yes" },
                { "seccomp:unconfined", "SeccompProfile", "unconfined" },
                { "seccomp=unconfined", "SeccompProfile", "unconfined" },
                { "apparmor:unconfined", "AppArmor", "unconfined" },
                { "apparmor=unconfined", "AppArmor", "unconfined" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(options); i++)
                if (streq(text, options[i].option)) {
                        imported_set(service->file, IMPORTED_OWN, options[i].key ?: key, options[i].value);
                        return;
                }
        compose_left_out(&item->value->where, text, "SeccompProfile=, AppArmor= and SecurityLabel…= are the keys",
                         service->compose->diagnostics);
}

static void how_security(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *option = &item->value->items[i];
                const char *text = compose_text(option->value, item->key, service->compose->diagnostics);

                if (text)
                        add_security(service, option, key, text);
        }
}

/* The table */

static const struct {
        const char *word;
        How how;
        const char *key, *why;
} words[] = {
#define how_configs compose_add_configs
#define how_cpus compose_add_cpus
#define how_depends compose_add_depends
#define how_deploy compose_add_deploy
#define how_env_files compose_add_env_files
#define how_hosts compose_add_hosts
#define how_links compose_add_links
#define how_logging compose_add_logging
#define how_network_mode compose_add_network_mode
#define how_networks compose_add_networks
#define how_ports compose_add_ports
#define how_restart compose_add_restart
#define how_secrets compose_add_secrets
#define how_text compose_add_text
#define how_ulimits compose_add_ulimits
#define how_volumes compose_add_volumes
#define WORD(word, how, key) { word, how_##how, key, NULL },
#define NONE(word, why) { word, NULL, NULL, why },
#include "start/import/compose-words.def"
};

static void add_word(const ComposeService *service, const YamlItem *item) {
        Nearest nearest = { .wanted = item->key };

        if (startswith(item->key, "x-"))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                nearest_consider(&nearest, words[i].word);
                if (!streq(item->key, words[i].word))
                        continue;
                if (words[i].how)
                        words[i].how(service, item, words[i].key);
                else
                        compose_leave_out(service, item, words[i].why);
                return;
        }
        diagnose_error(service->compose->diagnostics, &item->key_where,
                       nearest.name ? "unknown word \"%s\" in a service; did you mean \"%s\"?"
                                    : "unknown word \"%s\" in a service",
                       item->key, nearest.name);
}

int compose_service_add(Compose *compose, const YamlItem *item) {
        ComposeService service = { .compose = compose, .node = item->value, .name = item->key };

        if (!stem_is_valid(item->key) || strchr(item->key, '@')) {
                diagnose_error(compose->diagnostics, &item->key_where, "\"%s\" can be no name of a container",
                               item->key);
                return 0;
        }
        if (item->value->kind != YAML_NODE_MAP) {
                diagnose_error(compose->diagnostics, &item->value->where, "a service must be a map");
                return 0;
        }
        if (!yaml_find(item->value, "image") && !yaml_find(item->value, "build"))
                diagnose_error(compose->diagnostics, &item->key_where, "the service has no image");
        service.file = imported_add(compose->files, item->key, "container", "Container");
        if (!service.file)
                return -ENOMEM;
        for (size_t i = 0; i < item->value->count; i++)
                add_word(&service, &item->value->items[i]);
        if (!yaml_find(item->value, "networks") && !yaml_find(item->value, "network_mode"))
                compose_add_default_network(&service);
        if (yaml_find(item->value, "container_name") && !yaml_find(item->value, "network_mode"))
                imported_set(service.file, IMPORTED_OWN, "NetworkAlias", item->key);
        if (!yaml_find(item->value, "network_mode"))
                compose_add_link_aliases(&service);
        compose_add_readiness(&service);
        return 0;
}
