/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of docker compose. */
#include "start/import/import-compose.h"

#include <errno.h>

#include "source/unit-name.h"
#include "start/import/compose-extends.h"
#include "start/import/compose-service.h"

enum { SERVICES_MAX = 1000 }; /* each is compared with each */

static void leave_out(const Compose *compose, const YamlItem *item, const char *why) {
        compose_left_out(&item->key_where, item->key, why, compose->diagnostics);
}

/* Volumes */

static bool is_external(const Compose *compose, const YamlNode *node) {
        const YamlNode *external = yaml_find(node, "external");

        return external && compose_bool(external, "external", compose->diagnostics) > 0;
}

static void set_member(const Compose *compose, ImportedFile *file, const char *key, const YamlItem *item) {
        const char *text = compose_text(item->value, item->key, compose->diagnostics);

        if (text)
                imported_set(file, IMPORTED_OWN, key, text);
}

static void add_labels(ImportedFile *file, const YamlNode *labels) {
        for (size_t i = 0; i < labels->count; i++) {
                const YamlItem *item = &labels->items[i];
                _cleanup_free_ char *pair = NULL;

                if (item->value->kind != YAML_NODE_TEXT)
                        continue;
                pair = item->key ? text_format("%s=%s", item->key, item->value->text) : strdup(item->value->text);
                file->lines[IMPORTED_OWN].failed |= !pair;
                imported_add_word(file, IMPORTED_OWN, "Label", pair ?: "");
        }
}

/* The file that a volume or network becomes. Returns NULL with an error, or with `*ret` -ENOMEM. */
static ImportedFile *add_file(const Compose *compose, const YamlItem *item, const char *ending, const char *section,
                              int *ret) {
        ImportedFile *file;

        if (!stem_is_valid(item->key) || strchr(item->key, '@')) {
                diagnose_error(compose->diagnostics, &item->key_where, "\"%s\" can be no name of a %s", item->key,
                               ending);
                return NULL;
        }
        file = imported_add(compose->files, item->key, ending, section);
        *ret = file ? 0 : -ENOMEM;
        return file;
}

/* What the local driver mounts there. */
static void add_mount(const Compose *compose, ImportedFile *file, const YamlNode *options) {
        static const struct {
                const char *word, *key;
        } known[] = { { "type", "Type" }, { "o", "Options" }, { "device", "Device" } };

        for (size_t i = 0; i < options->count; i++) {
                const YamlItem *option = &options->items[i];
                size_t j = 0;

                while (j < ARRAY_SIZE(known) && !streq_null(option->key, known[j].word))
                        j++;
                if (j < ARRAY_SIZE(known))
                        set_member(compose, file, known[j].key, option);
                else if (option->key)
                        leave_out(compose, option, NULL);
        }
}

static int add_volume(const Compose *compose, const YamlItem *item) {
        static const char *const silent[] = { "external", NULL };
        int r = 0;
        ImportedFile *file = add_file(compose, item, "volume", "Volume", &r);

        for (size_t i = 0; file && i < item->value->count; i++) {
                const YamlItem *part = &item->value->items[i];

                if (streq_null(part->key, "name"))
                        set_member(compose, file, "VolumeName", part);
                else if (streq_null(part->key, "labels"))
                        add_labels(file, part->value);
                else if (streq_null(part->key, "driver_opts"))
                        add_mount(compose, file, part->value);
                else if (streq_null(part->key, "driver") && streq_null(part->value->text, "local"))
                        continue;
                else if (part->key && !compose_word_is(part->key, silent))
                        leave_out(compose, part, "Device=, Type= and Options= are the keys");
        }
        if (file && is_external(compose, item->value))
                diagnose_warning(compose->diagnostics, &item->key_where,
                                 "the content of \"%s\" is to be brought over: berth volumes import", item->key);
        return r;
}

/* Networks */

static void add_subnets(const Compose *compose, ImportedFile *file, const YamlNode *ipam) {
        static const struct {
                const char *word, *key;
        } known[] = { { "subnet", "Subnet" }, { "gateway", "Gateway" }, { "ip_range", "IPRange" } };
        const YamlNode *config = yaml_find(ipam, "config");

        for (size_t i = 0; config && i < config->count; i++)
                for (size_t j = 0; j < config->items[i].value->count; j++) {
                        const YamlItem *part = &config->items[i].value->items[j];
                        size_t k = 0;

                        while (k < ARRAY_SIZE(known) && !streq_null(part->key, known[k].word))
                                k++;
                        if (k < ARRAY_SIZE(known))
                                set_member(compose, file, known[k].key, part);
                        else if (part->key)
                                leave_out(compose, part, NULL);
                }
}

static int add_network(Compose *compose, const YamlItem *item) {
        static const struct {
                const char *word, *key;
        } known[] = { { "name", "NetworkName" }, { "driver", "Driver" }, { "internal", "Internal" },
                      { "enable_ipv6", "IPv6" } };
        _cleanup_free_ char *own = streq(item->key, "default") ? text_format("%s_default", compose->project)
                                                               : strdup(item->key);
        const YamlItem named = { .key = own, .key_where = item->key_where };
        int r = own ? 0 : -ENOMEM;
        ImportedFile *file = own ? add_file(compose, &named, "network", "Network", &r) : NULL;

        for (size_t i = 0; file && i < item->value->count; i++) {
                const YamlItem *part = &item->value->items[i];
                size_t j = 0;

                while (j < ARRAY_SIZE(known) && !streq_null(part->key, known[j].word))
                        j++;
                if (j < ARRAY_SIZE(known))
                        set_member(compose, file, known[j].key, part);
                else if (streq_null(part->key, "ipam"))
                        add_subnets(compose, file, part->value);
                else if (streq_null(part->key, "labels"))
                        add_labels(file, part->value);
                else if (streq_null(part->key, "external")) {
                        if (compose_bool(part->value, part->key, compose->diagnostics) > 0)
                                diagnose_warning(compose->diagnostics, &part->key_where, "the network \"%s\" is made "
                                                 "by this file; what else is on it is to name it as well", item->key);
                } else if (part->key)
                        leave_out(compose, part, "Options= and the other keys of berth.network(5) may say it");
        }
        return r;
}

/* The file as a whole */

static int add_all(Compose *compose, const char *word, int (*add)(Compose *compose, const YamlItem *item)) {
        const YamlNode *node = yaml_find(compose->root, word);
        int r = 0;

        if (yaml_is_null(node))
                return 0;
        if (node->kind != YAML_NODE_MAP) {
                diagnose_error(compose->diagnostics, &node->where, "\"%s\" must be a map", word);
                return 0;
        }
        for (size_t i = 0; r >= 0 && i < node->count; i++)
                r = add(compose, &node->items[i]);
        return r;
}

static int add_volume_item(Compose *compose, const YamlItem *item) {
        return add_volume(compose, item);
}

/* Where it is kept is for people to know. */
static int add_secret(Compose *compose, const YamlItem *item) {
        diagnose_warning(compose->diagnostics, &item->key_where,
                         "the secret \"%s\" is to be put into the directory \"secrets\" beside the files, or encrypted "
                         "by systemd-creds as %s.cred", item->key, item->key);
        return 0;
}

static void check_words(const Compose *compose) {
        static const char *const known[] = { "version", "name", "services", "networks", "volumes", "secrets",
                                              "configs", NULL },
                                *const none[] = { "include", "models", NULL };

        for (size_t i = 0; i < compose->root->count; i++) {
                const YamlItem *item = &compose->root->items[i];
                Nearest nearest = { .wanted = item->key };

                if (compose_word_is(item->key, known) || startswith(item->key, "x-"))
                        continue;
                if (compose_word_is(item->key, none)) {
                        leave_out(compose, item, NULL);
                        continue;
                }
                for (size_t j = 0; known[j]; j++)
                        nearest_consider(&nearest, known[j]);
                diagnose_error(compose->diagnostics, &item->key_where,
                               nearest.name ? "unknown word \"%s\"; did you mean \"%s\"?" : "unknown word \"%s\"",
                               item->key, nearest.name);
        }
}

static int convert(Compose *compose) {
        const YamlNode *name = yaml_find(compose->root, "name"), *services = yaml_find(compose->root, "services");
        _cleanup_free_ char *network = NULL;
        int r;

        if (name && compose_text(name, "name", compose->diagnostics))
                compose->project = name->text;
        if (!stem_is_valid(compose->project) || strchr(compose->project, '@'))
                return diagnose_error(compose->diagnostics, name ? &name->where : NULL,
                                      "\"%s\" can be no name of a network", compose->project);
        check_words(compose);
        if (!services || services->kind != YAML_NODE_MAP) {
                diagnose_error(compose->diagnostics, &compose->root->where, "there are no \"services\"");
                return 0;
        }
        if (services->count > SERVICES_MAX)
                return diagnose_error(compose->diagnostics, &services->where, "there are more than %d services",
                                      SERVICES_MAX);
        if ((r = add_all(compose, "services", compose_service_add)) < 0 ||
            (r = add_all(compose, "volumes", add_volume_item)) < 0 ||
            (r = add_all(compose, "networks", add_network)) < 0 || (r = add_all(compose, "secrets", add_secret)) < 0)
                return r;
        if (!compose->default_network || yaml_find(yaml_find(compose->root, "networks"), "default"))
                return 0;
        network = text_format("%s_default", compose->project);
        return network && imported_add(compose->files, network, "network", "Network") ? 0 : -ENOMEM;
}

int import_compose(const char *text, size_t size, const char *file, const char *directory, const char *project,
                   const StringList *variables, Diagnostics *diagnostics, Imported *ret) {
        _cleanup_yaml_node_ YamlNode *root = NULL;
        Compose compose = { .directory = directory, .project = project, .variables = variables,
                            .diagnostics = diagnostics, .files = ret };
        int r;

        r = yaml_tree_read(text, size, file, YAML_ALIASES, diagnostics, &root);
        if (r < 0)
                return r;
        if (!root || root->kind != YAML_NODE_MAP)
                return diagnose_error(diagnostics, &(Location) { .file = file }, "it is no file of compose");
        r = compose_interpolate(root, variables, diagnostics);
        if (r >= 0)
                r = compose_extend(root, diagnostics);
        compose.root = root;
        return r < 0 ? r : convert(&compose);
}
