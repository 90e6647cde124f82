/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that is known of a volume, and of a network. */
#include <errno.h>

#include "network/network-list.h"
#include "start/inspect/inspect-parts.h"
#include "start/inspect/inspect.h"
#include "volume/volume-list.h"

static int collect_volume(const VolumeEntry *entry, json_object **ret) {
        _cleanup_json_ Json json = {};

        json_open_object(&json, NULL);
        json_add_string(&json, "kind", "volume");
        json_add_string(&json, "name", entry->name);
        inspect_add_text(&json, "file", entry->volume ? entry->volume->path : NULL);
        json_add_string(&json, "path", entry->path);
        json_add_bool(&json, "made", entry->made);
        json_add_bool(&json, "mounted", entry->mounted);
        json_add_unsigned(&json, "size", entry->size_bytes);
        if (entry->volume)
                json_add_assignments(&json, "labels", &entry->volume->labels);
        else
                json_add_null(&json, "labels");
        json_add_strings(&json, "usedBy", &entry->containers);
        json_add_strings(&json, "containers", &entry->running);
        json_close(&json);
        return json_take(&json, ret);
}

int inspect_volume(const char *name, json_object **ret) {
        _cleanup_volume_entries_ VolumeEntries entries = {};
        int r;

        r = volume_entries_get(true, &entries);
        for (size_t i = 0; r >= 0 && i < entries.count; i++)
                if (streq(entries.items[i].name, name) ||
                    (entries.items[i].volume && streq(entries.items[i].volume->stem, name)))
                        return collect_volume(&entries.items[i], ret);
        return r < 0 ? r : -ENOENT;
}

/* Who is on it. Only root can look. */
static int add_users(Json *json, const char *stem) {
        _cleanup_network_users_ NetworkUsers users = {};
        int r;

        r = network_users_get(&users);
        if (r < 0 && r != -EACCES)
                return r;
        r = 0;
        json_open_array(json, "containers");
        for (size_t i = 0; i < users.count && r >= 0; i++) {
                const Attachment *attachment = network_user_find(&users.items[i], stem);

                if (attachment)
                        r = inspect_add_attachment(json, users.items[i].id, &users.items[i], attachment);
        }
        json_close(json);
        return r;
}

static int collect_network(const NetworkEntry *entry, json_object **ret) {
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "kind", "network");
        json_add_string(&json, "name", entry->name);
        inspect_add_text(&json, "file", entry->path);
        json_add_string(&json, "unit", entry->unit_name);
        json_add_bool(&json, "up", entry->up);
        json_add_string(&json, "driver", entry->driver);
        inspect_add_text(&json, "interface", entry->interface);
        json_add_strings(&json, "subnets", &entry->subnets);
        json_add_strings(&json, "gateways", &entry->gateways);
        json_add_bool(&json, "internal", entry->internal);
        r = add_users(&json, entry->stem);
        json_close(&json);
        return r < 0 ? r : json_take(&json, ret);
}

int inspect_network(const char *name, json_object **ret) {
        _cleanup_network_entries_ NetworkEntries entries = {};
        int r;

        r = network_entries_get(&entries);
        for (size_t i = 0; r >= 0 && i < entries.count; i++)
                if (streq(entries.items[i].name, name) || streq(entries.items[i].stem, name))
                        return collect_network(&entries.items[i], ret);
        return r < 0 ? r : -ENOENT;
}
