/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that is known of a container: its files, its unit, what its start has made, and how it is
 * now. */
#include <errno.h>
#include <fcntl.h>

#include "basic/disk-usage.h"
#include "basic/files.h"
#include "basic/text.h"
#include "health/health-file.h"
#include "host/bundle.h"
#include "host/cgroup.h"
#include "host/unit/unit-list.h"
#include "host/unit/unit.h"
#include "source/sources.h"
#include "start/bundle-config.h"
#include "start/checkpoint/checkpoint-about.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/container-list.h"
#include "start/inspect/inspect-parts.h"
#include "start/inspect/inspect.h"

enum { FILE_MAX = 8 << 20 }; /* as the writers of these files have it */

/* A file of JSON in the bundle; null without one. */
static int add_file(Json *json, const char *key, int bundle_fd, const char *name) {
        json_object *value = NULL;
        int r = bundle_fd < 0 ? -ENOENT : json_read_file_at(bundle_fd, name, FILE_MAX, json_type_object, &value);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                json_add_null(json, key);
        else
                json_add_value(json, key, value);
        return 0;
}

/* The files, in the order in which they are read. */
static int add_files(Json *json, const ContainerEntry *entry, Scope scope) {
        _cleanup_source_ Source source = {};
        int r;

        inspect_add_text(json, "file", entry->path);
        r = source_find_scope(scope, FILE_CONTAINER, entry->stem, &source);
        if (r < 0 && r != -ENOENT)
                return r;
        json_add_strings(json, "dropIns", &source.drop_ins);
        json_add_bool(json, "masked", entry->masked);
        json_add_bool(json, "faulty", entry->wrong);
        return 0;
}

/* What the kernel holds the unit to at the moment: "memory.max" and the like. */
static int add_limits(Json *json, const char *control_group) {
        _cleanup_string_list_ StringList names = {};
        int r;

        r = cgroup_list_limits(control_group, &names);
        if (r == -ENOMEM)
                return r;
        json_open_object(json, "limits");
        for (size_t i = 0; r >= 0 && i < names.count; i++) {
                _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/%s", control_group, names.items[i]),
                                    *value = NULL;

                if (!path)
                        return -ENOMEM;
                if (read_virtual_file(path, &value) >= 0)
                        json_add_string(json, names.items[i], value);
        }
        json_close(json);
        return 0;
}

/* The manager may not be there, or not answer: then the rest is still known. */
static int add_unit(Json *json, const ContainerEntry *entry, bool known) {
        _cleanup_free_ char *control_group = NULL;
        pid_t pid = 0;
        int r = 0;

        json_open_object(json, "unit");
        inspect_add_text(json, "name", entry->unit_name);
        inspect_add_state(json, entry->state, known && entry->unit_name);
        if (entry->state)
                r = unit_get_main_process(entry->unit_name, &pid, &control_group);
        if (r == -ENOMEM)
                return r;
        if (pid > 0)
                json_add_integer(json, "mainPid", pid);
        else
                json_add_null(json, "mainPid");
        inspect_add_text(json, "controlGroup", control_group && *control_group ? control_group : NULL);
        json_close(json);
        if (control_group && *control_group)
                return add_limits(json, control_group);
        json_add_null(json, "limits");
        return 0;
}

static void add_image(Json *json, const ContainerEntry *entry) {
        json_open_object(json, "image");
        inspect_add_text(json, "name", entry->image);
        inspect_add_text(json, "digest", entry->manifest);
        inspect_add_text(json, "newer", entry->newer);
        json_close(json);
}

static void add_member(Json *json, const char *key, json_object *object, const char *member) {
        json_object *value = json_object_object_get(object, member);

        if (value)
                json_add_value(json, key, json_object_get(value));
        else
                json_add_null(json, key);
}

/* What of the configuration people ask for most, and then all of it. */
static int add_configuration(Json *json, const Bundle *bundle) {
        static const char *const none[] = { "mounts", "uidMappings", "gidMappings", "spec" };
        _cleanup_json_object_ json_object *config = NULL;
        json_object *linux_part;
        int r;

        r = bundle->fd < 0 ? -ENOENT : bundle_config_read(bundle, &config);
        if (r == -ENOMEM)
                return r;
        for (size_t i = 0; r < 0 && i < ARRAY_SIZE(none); i++)
                json_add_null(json, none[i]);
        if (r < 0)
                return 0;
        add_member(json, "mounts", config, "mounts");
        if (json_object_object_get_ex(config, "linux", &linux_part)) {
                add_member(json, "uidMappings", linux_part, "uidMappings");
                add_member(json, "gidMappings", linux_part, "gidMappings");
        }
        json_add_value(json, "spec", json_object_get(config));
        return 0;
}

/* A checkpoint that is there, and what is known of it. */
static int add_checkpoint(Json *json, const char *id) {
        _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT;
        uint64_t bytes = 0;
        int r = id ? checkpoint_open(id, CHECKPOINT_WHOLE, &checkpoint) : -ENOENT;

        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                json_add_null(json, "checkpoint");
                return 0;
        }
        json_open_object(json, "checkpoint");
        json_add_string(json, "path", checkpoint.path);
        json_add_bool(json, "sleeps", checkpoint.sleeps);
        (void) disk_usage_at(checkpoint.fd, ".", &bytes);
        json_add_unsigned(json, "size", bytes);
        r = add_file(json, "about", checkpoint.fd, CHECKPOINT_ABOUT);
        json_close(json);
        return r;
}

static int add_life(Json *json, const ContainerEntry *entry) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r;

        r = bundle_open(entry->stem, &bundle);
        if (r < 0 && r != -EACCES)
                return r;
        inspect_add_text(json, "id", bundle.id);
        inspect_add_text(json, "bundle", bundle.fd >= 0 ? bundle.path : NULL);
        r = add_file(json, "health", bundle.fd, HEALTH_FILE);
        if (r >= 0)
                r = add_file(json, "about", bundle.fd, BUNDLE_ABOUT_FILE);
        if (r >= 0)
                r = add_checkpoint(json, bundle.id);
        if (r >= 0 && bundle.id)
                r = inspect_add_networks(json, bundle.id);
        return r < 0 ? r : add_configuration(json, &bundle);
}

static int collect(const ContainerEntry *entry, Scope scope, bool known, json_object **ret) {
        _cleanup_json_ Json json = {};
        int r;

        json_open_object(&json, NULL);
        json_add_string(&json, "kind", "container");
        json_add_string(&json, "name", entry->stem);
        r = add_files(&json, entry, scope);
        if (r >= 0)
                r = add_unit(&json, entry, known);
        add_image(&json, entry);
        inspect_add_text(&json, "pod", entry->pod);
        if (r >= 0)
                r = add_life(&json, entry);
        json_close(&json);
        return r < 0 ? r : json_take(&json, ret);
}

int inspect_container(const char *stem, Scope scope, json_object **ret) {
        _cleanup_container_entries_ ContainerEntries entries = {};
        int error = 0, r;

        r = container_entries_get(scope, true, &entries, &error);
        for (size_t i = 0; r >= 0 && i < entries.count; i++)
                if (streq(entries.items[i].stem, stem))
                        return collect(&entries.items[i], scope, error >= 0, ret);
        return r < 0 ? r : -ENOENT;
}
