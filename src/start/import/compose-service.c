/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One service of a file of compose: its words, by the table in compose-words.def. */
#include "start/import/compose-service.h"

#include <errno.h>
#include <stdlib.h>

#include "basic/json.h"
#include "basic/words.h"
#include "source/unit-name.h"
#include "start/import/compose-mounts.h"
#include "start/import/compose-network.h"

typedef void (*How)(const ComposeService *service, const YamlItem *item, const char *key);

static const char *text_of(const ComposeService *service, const YamlItem *item) {
        return compose_text(item->value, item->key, service->compose->diagnostics);
}

static void refuse(const ComposeService *service, const YamlNode *node, const char *word, const char *what) {
        diagnose_error(service->compose->diagnostics, &node->where, "\"%s\" must be %s", word, what);
}

static void leave_out(const ComposeService *service, const YamlItem *item, const char *why) {
        compose_left_out(&item->key_where, item->key, why, service->compose->diagnostics);
}

/* Plain ones */

static void how_text(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = text_of(service, item);

        if (text)
                imported_set(service->file, IMPORTED_OWN, key, text);
}

static void how_bool(const ComposeService *service, const YamlItem *item, const char *key) {
        int r = compose_bool(item->value, item->key, service->compose->diagnostics);

        if (r >= 0)
                imported_set(service->file, IMPORTED_OWN, key, r ? "yes" : "no");
}

/* A text, or several. */
static void how_list(const ComposeService *service, const YamlItem *item, const char *key) {
        if (item->value->kind == YAML_NODE_TEXT) {
                how_text(service, item, key);
                return;
        }
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem one = { .key = item->key, .value = item->value->items[i].value };

                if (item->value->kind == YAML_NODE_LIST)
                        how_text(service, &one, key);
        }
        if (item->value->kind != YAML_NODE_LIST)
                refuse(service, item->value, item->key, "a list");
}

static void add_pair(const ComposeService *service, const char *name, const YamlNode *value, const char *key) {
        const char *text = yaml_is_null(value) ? getenv(name)
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
                else
                        refuse(service, pair->value, item->key, "NAME=VALUE");
        }
        if (item->value->kind == YAML_NODE_TEXT)
                refuse(service, item->value, item->key, "a list or a map");
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
                refuse(service, node, item->key, "a command: a text with its quotes closed, or a list of words");
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
                        how_text(service, part, spans[j].key);
                else if (streq(name, "test"))
                        add_health_test(service, part);
                else if (streq(name, "disable")) {
                        if (compose_bool(part->value, name, service->compose->diagnostics) > 0)
                                imported_set(service->file, IMPORTED_OWN, key, "none");
                } else if (part->key)
                        leave_out(service, part, "HealthStartupCmd= and its like are the keys");
        }
        if (item->value->kind != YAML_NODE_MAP)
                refuse(service, item->value, item->key, "a map");
}

/* Who and what it is */

static void how_user(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = text_of(service, item), *group = text ? strchr(text, ':') : NULL;
        _cleanup_free_ char *user = group ? strndup(text, (size_t) (group - text)) : NULL;

        service->file->lines[IMPORTED_OWN].failed |= group && !user;
        if (text)
                imported_set(service->file, IMPORTED_OWN, key, user ?: text);
        if (group)
                imported_set(service->file, IMPORTED_OWN, "Group", group + 1);
}

static void how_pid(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = text_of(service, item);

        if (text && streq(text, "host"))
                imported_set(service->file, IMPORTED_OWN, key, text);
        else if (text)
                leave_out(service, item, "PidNS= is the key");
}

static void how_pull_policy(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = text_of(service, item);

        if (!text)
                return;
        if (compose_word_is(text, (const char *const[]) { "always", "missing", "never", NULL }))
                imported_set(service->file, IMPORTED_OWN, key, text);
        else if (streq(text, "if_not_present"))
                imported_set(service->file, IMPORTED_OWN, key, "missing");
        else
                leave_out(service, item, "Pull= takes always, missing, never and newer");
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

/* Limits */

static void how_cpus(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = text_of(service, item);
        _cleanup_free_ char *quota = NULL;
        char *end = NULL;
        double cpus = text ? strtod(text, &end) : 0;

        if (!text)
                return;
        if (*end || end == text || !(cpus > 0 && cpus < 100000)) {
                refuse(service, item->value, item->key, "a number of processors");
                return;
        }
        quota = text_format("%.0f%%", cpus * 100);
        service->file->lines[IMPORTED_SERVICE].failed |= !quota;
        imported_add_line(service->file, IMPORTED_SERVICE, key, quota ?: "");
}

static void how_ulimits(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *limit = &item->value->items[i];
                const YamlNode *soft = limit->value->kind == YAML_NODE_MAP ? yaml_find(limit->value, "soft")
                                                                           : limit->value,
                               *hard = yaml_find(limit->value, "hard") ?: soft;
                const char *low = soft ? compose_text(soft, "soft", service->compose->diagnostics) : NULL,
                           *high = hard ? compose_text(hard, "hard", service->compose->diagnostics) : NULL;
                _cleanup_free_ char *value = NULL;

                if (!limit->key || !low || !high) {
                        if (!soft || !limit->key)
                                refuse(service, limit->value, item->key, "a map of limits");
                        continue;
                }
                value = text_format("%s=%s:%s", limit->key, low, high);
                service->file->lines[IMPORTED_OWN].failed |= !value;
                imported_set(service->file, IMPORTED_OWN, key, value ?: "");
        }
}

static void add_limits(const ComposeService *service, const YamlNode *limits, const char *memory) {
        for (size_t i = 0; i < limits->count; i++) {
                const YamlItem *limit = &limits->items[i];

                if (streq_null(limit->key, "memory"))
                        how_text(service, limit, memory);
                else if (streq_null(limit->key, "pids"))
                        how_text(service, limit, "PidsLimit");
                else if (streq_null(limit->key, "cpus"))
                        how_cpus(service, limit, "CPUQuota");
                else if (limit->key)
                        leave_out(service, limit, NULL);
        }
}

static void how_deploy(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *part = &item->value->items[i];

                if (!streq_null(part->key, "resources")) {
                        if (part->key)
                                leave_out(service, part, "it is for a cluster");
                        continue;
                }
                for (size_t j = 0; j < part->value->count; j++) {
                        const YamlItem *kind = &part->value->items[j];

                        if (streq_null(kind->key, "limits"))
                                add_limits(service, kind->value, key);
                        else if (kind->key)
                                leave_out(service, kind, "MemoryLow= and CPUWeight= in [Service] are systemd's");
                }
        }
}

/* The life of it */

static void how_restart(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = text_of(service, item);

        if (!text || streq(text, "no"))
                return;
        if (streq(text, "always") || streq(text, "unless-stopped"))
                imported_set(service->file, IMPORTED_SERVICE, key, "always");
        else if (startswith(text, "on-failure"))
                imported_set(service->file, IMPORTED_SERVICE, key, "on-failure");
        else {
                refuse(service, item->value, item->key, "no, always, on-failure or unless-stopped");
                return;
        }
        if (startswith(text, "on-failure:"))
                diagnose_warning(service->compose->diagnostics, &item->value->where,
                                 "how often is StartLimitBurst= in [Unit]");
        imported_set(service->file, IMPORTED_INSTALL, "WantedBy", "multi-user.target");
}

static void how_logging(const ComposeService *service, const YamlItem *item, const char *key) {
        const YamlNode *driver = yaml_find(item->value, "driver");

        if (driver && driver->kind == YAML_NODE_TEXT &&
            compose_word_is(driver->text, (const char *const[]) { "none", "journald", NULL }))
                imported_set(service->file, IMPORTED_OWN, key, driver->text);
        else
                leave_out(service, item, "the journal has it; LogDriver= and LogOpt= are the keys");
}

static void add_dependency(const ComposeService *service, const YamlNode *where, const char *name, const char *key,
                           bool required) {
        _cleanup_free_ char *file = text_format("%s.container", name);

        if (!yaml_find(yaml_find(service->compose->root, "services"), name)) {
                diagnose_error(service->compose->diagnostics, &where->where, "there is no service \"%s\"", name);
                return;
        }
        service->file->lines[IMPORTED_UNIT].failed |= !file;
        imported_set(service->file, IMPORTED_UNIT, required ? key : "Wants", file ?: "");
        imported_set(service->file, IMPORTED_UNIT, "After", file ?: "");
}

static void how_depends(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *one = &item->value->items[i];
                const YamlNode *required = yaml_find(one->value, "required");
                const char *name = one->key ?: compose_text(one->value, item->key, service->compose->diagnostics);

                if (name)
                        add_dependency(service, one->value, name, key,
                                       !required || compose_bool(required, "required",
                                                                 service->compose->diagnostics) != 0);
        }
}

/* The table */

static const struct {
        const char *word;
        How how;
        const char *key, *why;
} words[] = {
#define how_env_files compose_add_env_files
#define how_hosts compose_add_hosts
#define how_network_mode compose_add_network_mode
#define how_networks compose_add_networks
#define how_ports compose_add_ports
#define how_secrets compose_add_secrets
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
                        leave_out(service, item, words[i].why);
                return;
        }
        diagnose_error(service->compose->diagnostics, &item->key_where,
                       nearest.name ? "unknown word \"%s\" in a service; did you mean \"%s\"?"
                                    : "unknown word \"%s\" in a service",
                       item->key, nearest.name);
}

/* Who waits for it to be healthy: that is when its unit has started. */
static bool is_awaited_healthy(const Compose *compose, const char *name) {
        const YamlNode *services = yaml_find(compose->root, "services");

        for (size_t i = 0; i < services->count; i++) {
                const YamlNode *one = yaml_find(yaml_find(services->items[i].value, "depends_on"), name),
                               *condition = yaml_find(one, "condition");

                if (condition && condition->kind == YAML_NODE_TEXT && streq(condition->text, "service_healthy"))
                        return true;
        }
        return false;
}

int compose_service_add(Compose *compose, const YamlItem *item) {
        ComposeService service = { .compose = compose };

        if (!stem_is_valid(item->key) || strchr(item->key, '@')) {
                diagnose_error(compose->diagnostics, &item->key_where, "\"%s\" can be no name of a container",
                               item->key);
                return 0;
        }
        if (item->value->kind != YAML_NODE_MAP) {
                diagnose_error(compose->diagnostics, &item->value->where, "a service must be a map");
                return 0;
        }
        if (!yaml_find(item->value, "image"))
                diagnose_error(compose->diagnostics, &item->key_where,
                               "the service has no image%s", yaml_find(item->value, "build")
                                               ? ": build it with podman or buildah, and name it" : "");
        service.file = imported_add(compose->files, item->key, "container", "Container");
        if (!service.file)
                return -ENOMEM;
        for (size_t i = 0; i < item->value->count; i++)
                add_word(&service, &item->value->items[i]);
        if (!yaml_find(item->value, "networks") && !yaml_find(item->value, "network_mode"))
                compose_add_default_network(&service);
        if (yaml_find(item->value, "container_name") && !yaml_find(item->value, "network_mode"))
                imported_set(service.file, IMPORTED_OWN, "NetworkAlias", item->key);
        if (is_awaited_healthy(compose, item->key))
                imported_set(service.file, IMPORTED_OWN, "Notify", "healthy");
        return 0;
}
