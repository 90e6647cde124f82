/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a service of compose starts, and again. */
#include "start/import/compose-life.h"

void compose_add_restart(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);

        if (!text || streq(text, "no"))
                return;
        if (streq(text, "always") || streq(text, "unless-stopped"))
                imported_set(service->file, IMPORTED_SERVICE, key, "always");
        else if (startswith(text, "on-failure"))
                imported_set(service->file, IMPORTED_SERVICE, key, "on-failure");
        else {
                compose_refuse(service, item->value, item->key, "no, always, on-failure or unless-stopped");
                return;
        }
        if (startswith(text, "on-failure:"))
                diagnose_warning(service->compose->diagnostics, &item->value->where,
                                 "how often is StartLimitBurst= in [Unit]");
        /* One with a profile is started when somebody wants it. */
        if (!yaml_find(service->node, "profiles"))
                imported_set(service->file, IMPORTED_INSTALL, "WantedBy", "multi-user.target");
}

void compose_add_logging(const ComposeService *service, const YamlItem *item, const char *key) {
        const YamlNode *driver = yaml_find(item->value, "driver");

        if (driver && driver->kind == YAML_NODE_TEXT &&
            compose_word_is(driver->text, (const char *const[]) { "none", "journald", NULL }))
                imported_set(service->file, IMPORTED_OWN, key, driver->text);
        else
                compose_leave_out(service, item, "the journal has it; LogDriver= and LogOpt= are the keys");
}

static void add_dependency(const ComposeService *service, const YamlNode *where, const char *name, const char *key,
                           bool required) {
        _cleanup_free_ char *file = text_format("%s.container", name);

        /* As it may have it of what it extends. */
        if (streq(name, service->name))
                return;
        if (!yaml_find(yaml_find(service->compose->root, "services"), name)) {
                diagnose_error(service->compose->diagnostics, &where->where, "there is no service \"%s\"", name);
                return;
        }
        service->file->lines[IMPORTED_UNIT].failed |= !file;
        imported_set(service->file, IMPORTED_UNIT, required ? key : "Wants", file ?: "");
        imported_set(service->file, IMPORTED_UNIT, "After", file ?: "");
}

/* NAME[:ALIAS]: it is found by its name, on the network that both are on. */
void compose_add_links(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlNode *link = item->value->items[i].value;
                const char *text = compose_text(link, item->key, service->compose->diagnostics);
                _cleanup_free_ char *name = text ? strndup(text, strcspn(text, ":")) : NULL;

                service->file->lines[IMPORTED_UNIT].failed |= text && !name;
                if (name)
                        add_dependency(service, link, name, key, true);
        }
}

/* Those who say "NAME:ALIAS" find it by that. */
void compose_add_link_aliases(const ComposeService *service) {
        const YamlNode *services = yaml_find(service->compose->root, "services");

        for (size_t i = 0; i < services->count; i++) {
                const YamlNode *links = yaml_find(services->items[i].value, "links");

                for (size_t j = 0; links && j < links->count; j++) {
                        const char *text = links->items[j].value->text,
                                   *alias = text ? startswith(text, service->name) : NULL;

                        if (alias && *alias == ':' && !streq(alias + 1, service->name) && !strpbrk(alias, "\r\n"))
                                imported_set(service->file, IMPORTED_OWN, "NetworkAlias", alias + 1);
                }
        }
}

void compose_add_depends(const ComposeService *service, const YamlItem *item, const char *key) {
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

/* Whether somebody waits for that of it: then it is when its unit has started. */
static bool is_awaited(const Compose *compose, const char *name, const char *what) {
        const YamlNode *services = yaml_find(compose->root, "services");

        for (size_t i = 0; i < services->count; i++) {
                const YamlNode *one = yaml_find(yaml_find(services->items[i].value, "depends_on"), name),
                               *condition = yaml_find(one, "condition");

                if (condition && condition->kind == YAML_NODE_TEXT && streq(condition->text, what))
                        return true;
        }
        return false;
}

void compose_add_readiness(const ComposeService *service) {
        if (is_awaited(service->compose, service->name, "service_healthy"))
                imported_set(service->file, IMPORTED_OWN, "Notify", "healthy");
        if (is_awaited(service->compose, service->name, "service_completed_successfully")) {
                imported_set(service->file, IMPORTED_SERVICE, "Type", "oneshot");
                imported_set(service->file, IMPORTED_SERVICE, "RemainAfterExit", "yes");
        }
}
