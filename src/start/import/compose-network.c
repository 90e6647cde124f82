/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service of compose reaches and is reached by. */
#include "start/import/compose-network.h"

#include <errno.h>

static void set(const ComposeService *service, const char *key, const char *format, ...) _printf_(3, 4);

static void set(const ComposeService *service, const char *key, const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        service->file->lines[IMPORTED_OWN].failed |= text.failed;
        if (!text.failed)
                imported_set(service->file, IMPORTED_OWN, key, text.data);
}

/* Ports */

/* The long form. */
static void add_port(const ComposeService *service, const YamlNode *port, const char *key) {
        static const char *const members[] = { "host_ip", "published", "target", "protocol", NULL };
        Diagnostics *diagnostics = service->compose->diagnostics;
        const char *values[4] = {};

        for (size_t i = 0; i < port->count; i++) {
                const YamlItem *item = &port->items[i];
                size_t j = 0;

                while (members[j] && !streq(members[j], item->key))
                        j++;
                if (members[j])
                        values[j] = compose_text(item->value, item->key, diagnostics);
                else if (!compose_word_is(item->key, (const char *const[]) { "mode", "name", "app_protocol", NULL }))
                        compose_left_out(&item->key_where, item->key, NULL, diagnostics);
        }
        if (!values[2]) {
                diagnose_error(diagnostics, &port->where, "a port must have a \"target\"");
                return;
        }
        set(service, key, "%s%s%s%s%s%s%s", values[0] ?: "", values[0] ? ":" : "", values[1] ?: "",
            values[0] || values[1] ? ":" : "", values[2], values[3] ? "/" : "", values[3] ?: "");
}

void compose_add_ports(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlNode *port = item->value->items[i].value;
                const char *text;

                if (port->kind == YAML_NODE_MAP) {
                        add_port(service, port, key);
                        continue;
                }
                text = compose_text(port, item->key, service->compose->diagnostics);
                if (text)
                        imported_set(service->file, IMPORTED_OWN, key, text);
        }
        if (item->value->kind != YAML_NODE_LIST)
                diagnose_error(service->compose->diagnostics, &item->value->where, "\"%s\" must be a list", item->key);
}

/* "name:address", "name=address", or a map. */
void compose_add_hosts(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *host = &item->value->items[i];
                const char *text = compose_text(host->value, item->key, service->compose->diagnostics);
                size_t n = text ? strcspn(text, ":=") : 0;

                if (text && host->key)
                        set(service, key, "%s:%s", host->key, text);
                else if (text && text[n])
                        set(service, key, "%.*s:%s", (int) n, text, text + n + 1);
                else if (text)
                        diagnose_error(service->compose->diagnostics, &host->value->where,
                                       "\"%s\" must be NAME:ADDRESS", item->key);
        }
}

/* Networks */

void compose_append_network(const Compose *compose, const char *name, Text *text) {
        bool is_default = streq(name, "default");

        text_appendf(text, "%s%s%s.network", is_default ? compose->project : "", is_default ? "_" : "", name);
}

void compose_add_default_network(const ComposeService *service) {
        service->compose->default_network = true;
        set(service, "Network", "%s_default.network", service->compose->project);
}

static void append_options(const ComposeService *service, const YamlNode *options, Text *text) {
        static const struct {
                const char *word, *option;
        } known[] = { { "ipv4_address", "ip" }, { "ipv6_address", "ip6" }, { "mac_address", "mac" } };
        Diagnostics *diagnostics = service->compose->diagnostics;
        char separator = ':';

        for (size_t i = 0; i < options->count; i++) {
                const YamlItem *item = &options->items[i];
                size_t j = 0;
                const char *value;

                while (j < ARRAY_SIZE(known) && !streq(item->key, known[j].word))
                        j++;
                if (j < ARRAY_SIZE(known)) {
                        value = compose_text(item->value, item->key, diagnostics);
                        text_appendf(text, "%c%s=%s", separator, known[j].option, value ?: "");
                        separator = ',';
                } else if (streq(item->key, "aliases")) {
                        for (size_t k = 0; k < item->value->count; k++) {
                                value = compose_text(item->value->items[k].value, item->key, diagnostics);
                                text_appendf(text, "%calias=%s", separator, value ?: "");
                                separator = ',';
                        }
                } else
                        compose_left_out(&item->key_where, item->key, NULL, diagnostics);
        }
}

static void add_network(const ComposeService *service, const YamlNode *where, const char *name,
                        const YamlNode *options, const char *key) {
        const YamlNode *networks = yaml_find(service->compose->root, "networks"), *network = yaml_find(networks, name);
        _cleanup_text_ Text text = {};

        service->compose->default_network |= streq(name, "default");
        if (!network && !streq(name, "default")) {
                diagnose_error(service->compose->diagnostics, &where->where, "there is no network \"%s\"", name);
                return;
        }
        compose_append_network(service->compose, name, &text);
        if (options && options->kind == YAML_NODE_MAP)
                append_options(service, options, &text);
        service->file->lines[IMPORTED_OWN].failed |= text.failed;
        if (!text.failed)
                imported_set(service->file, IMPORTED_OWN, key, text.data);
}

void compose_add_networks(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *one = &item->value->items[i];
                const char *name = one->key ?: compose_text(one->value, item->key, service->compose->diagnostics);

                if (name)
                        add_network(service, one->value, name, one->key ? one->value : NULL, key);
        }
}

void compose_add_network_mode(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_text(item->value, item->key, service->compose->diagnostics), *name;

        if (!text)
                return;
        name = startswith(text, "service:") ?: startswith(text, "container:");
        if (name)
                set(service, key, "%s.container", name);
        else if (streq(text, "bridge"))
                set(service, key, "default");
        else if (compose_word_is(text, (const char *const[]) { "host", "none", NULL }))
                imported_set(service->file, IMPORTED_OWN, key, text);
        else
                compose_left_out(&item->value->where, text, "see Network= in berth.container(5)",
                                 service->compose->diagnostics);
}
