/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service of compose may use. */
#include "start/import/compose-limits.h"

#include <stdlib.h>

void compose_add_cpus(const ComposeService *service, const YamlItem *item, const char *key) {
        const char *text = compose_item_text(service, item);
        _cleanup_free_ char *quota = NULL;
        char *end = NULL;
        double cpus = text ? strtod(text, &end) : 0;

        if (!text)
                return;
        if (*end || end == text || !(cpus > 0 && cpus < 100000)) {
                compose_refuse(service, item->value, item->key, "a number of processors");
                return;
        }
        quota = text_format("%.0f%%", cpus * 100);
        service->file->lines[IMPORTED_SERVICE].failed |= !quota;
        imported_add_line(service->file, IMPORTED_SERVICE, key, quota ?: "");
}

void compose_add_ulimits(const ComposeService *service, const YamlItem *item, const char *key) {
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
                                compose_refuse(service, limit->value, item->key, "a map of limits");
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
                        compose_add_text(service, limit, memory);
                else if (streq_null(limit->key, "pids"))
                        compose_add_text(service, limit, "PidsLimit");
                else if (streq_null(limit->key, "cpus"))
                        compose_add_cpus(service, limit, "CPUQuota");
                else if (limit->key)
                        compose_leave_out(service, limit, NULL);
        }
}

void compose_add_deploy(const ComposeService *service, const YamlItem *item, const char *key) {
        for (size_t i = 0; i < item->value->count; i++) {
                const YamlItem *part = &item->value->items[i];

                if (!streq_null(part->key, "resources")) {
                        if (part->key)
                                compose_leave_out(service, part, "it is for a cluster");
                        continue;
                }
                for (size_t j = 0; j < part->value->count; j++) {
                        const YamlItem *kind = &part->value->items[j];

                        if (streq_null(kind->key, "limits"))
                                add_limits(service, kind->value, key);
                        else if (kind->key)
                                compose_leave_out(service, kind,
                                                  "MemoryLow= and CPUWeight= in [Service] are systemd's");
                }
        }
}
