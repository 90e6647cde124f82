/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All containers. */
#include "start/container-list.h"

#include <fcntl.h>
#include <unistd.h>

#include "config/image-reference.h"
#include "health/health-file.h"
#include "image/catalog.h"
#include "kind/load.h"
#include "network/network-users.h"
#include "source/enabled-instances.h"
#include "source/sources.h"
#include "start/checkpoint/checkpoint-store.h"

static void entry_done(ContainerEntry *entry) {
        free(entry->stem);
        free(entry->unit_name);
        free(entry->path);
        free(entry->image);
        free(entry->pod);
        free(entry->manifest);
        free(entry->newer);
        string_list_done(&entry->addresses);
        string_list_done(&entry->ports);
}

/* Names for people are what the file says, as far as it can be understood. */
static int read_description(ContainerEntry *entry, const Source *source, Scope scope) {
        _cleanup_container_ Container *container = NULL;
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        const char *image;
        int r;

        r = container_read(source, &(SpecifierContext) { .scope = scope }, &elsewhere, &container);
        if (r == -ENOMEM)
                return r;
        entry->wrong = r < 0;
        if (!container)
                return 0;
        image = container->image ? container->image : container->rootfs.path;
        entry->image = image ? strdup(image) : NULL;
        entry->pod = container->pod ? strdup(container->pod) : NULL;
        return (image && !entry->image) || (container->pod && !entry->pod) ? -ENOMEM : 0;
}

static int find_sleeping(ContainerEntry *entry, Scope scope) {
        _cleanup_free_ char *id = NULL;

        if (scope != SCOPE_SYSTEM || (entry->state && !streq(entry->state->active, "inactive")))
                return 0;
        id = container_id_for(entry->stem);
        if (!id)
                return -ENOMEM;
        entry->sleeps = checkpoint_sleeps(id);
        return 0;
}

static int add_entry(ContainerEntries *entries, const char *stem, const Source *source, Scope scope) {
        ContainerEntry *entry;
        int r = 0;

        if (ARRAY_RESERVE(entries->items, entries->allocated, entries->count + 1) < 0)
                return -ENOMEM;
        entry = &entries->items[entries->count++];
        *entry = (ContainerEntry) { .stem = strdup(stem), .masked = source && source->masked };
        entry->path = source ? strdup(source->path) : NULL;
        if (!entry->stem || (source && !entry->path))
                return -ENOMEM;
        if (source && !source->masked && !stem_is_template(stem))
                r = read_description(entry, source, scope);
        if (r < 0 || stem_is_template(stem))
                return r;
        r = unit_name_for(FILE_CONTAINER, stem, &entry->unit_name);
        if (r < 0)
                return r == -EINVAL ? 0 : r; /* too long for a unit, as check says */
        entry->state = unit_states_find(&entries->states, entry->unit_name);
        return find_sleeping(entry, scope);
}

/* Adds the instances among `instances`, "web@a.container". */
static int add_instances(Sources *sources, const StringList *search_path, const StringList *instances) {
        for (size_t i = 0; i < instances->count; i++) {
                _cleanup_free_ char *stem = NULL;
                FileType type;
                int r;

                r = file_name_parse(instances->items[i], &type, &stem);
                if (r >= 0 && type == FILE_CONTAINER)
                        r = sources_add_instance(sources, search_path, type, stem, NULL);
                if (r == -ENOMEM)
                        return r;
        }
        return 0;
}

static int add_loaded(const UnitStates *states, StringList *instances) {
        for (size_t i = 0; i < states->count; i++) {
                _cleanup_free_ char *stem = NULL;
                FileType type;
                int r;

                r = unit_name_parse(states->items[i].name, &type, &stem);
                if (r >= 0)
                        r = string_list_addf(instances, "%s.container", stem);
                if (r == -ENOMEM)
                        return r;
        }
        return 0;
}

static int find_sources(Scope scope, const UnitStates *states, Sources *ret) {
        _cleanup_string_list_ StringList search_path = {}, instances = {};
        int r;

        r = search_path_get(scope, &search_path);
        if (r >= 0)
                r = sources_scan(&search_path, ret, NULL);
        if (r >= 0)
                r = enabled_instances_get(scope, &instances);
        if (r >= 0)
                r = add_loaded(states, &instances);
        return r < 0 ? r : add_instances(ret, &search_path, &instances);
}

/* Units that are loaded though there is no file: it was removed while they ran. */
static int add_orphans(ContainerEntries *entries, const Sources *sources, Scope scope) {
        for (size_t i = 0; i < entries->states.count; i++) {
                _cleanup_free_ char *stem = NULL;
                const UnitState *state = &entries->states.items[i];
                FileType type;
                int r;

                if (streq(state->active, "inactive") || unit_name_parse(state->name, &type, &stem) < 0 ||
                    type != FILE_CONTAINER || sources_find(sources, type, stem))
                        continue;
                r = add_entry(entries, stem, NULL, scope);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What a reference leads to now, unless the container runs that. */
static int find_newer(const Store *store, ContainerEntry *entry) {
        _cleanup_free_ char *instance = image_instance(entry->image), *manifest = NULL;
        int r = instance ? store_read_reference(store, instance, &manifest) : -ENOMEM;

        if (r < 0)
                return r == -ENOMEM ? r : 0; /* removed, or damaged, as fsck says */
        if (!streq(manifest, entry->manifest))
                entry->newer = TAKE_PTR(manifest);
        return 0;
}

/* Looks up which images run. Who may not look into the store lists the rest. */
static int find_images(ContainerEntries *entries) {
        _cleanup_images_in_use_ ImagesInUse in_use = {};
        _cleanup_store_ Store store = STORE_INIT;
        int r;

        if (images_in_use_read(NULL, &in_use) < 0 || in_use.count == 0 || store_open_existing(NULL, &store) < 0)
                return 0;
        for (size_t i = 0; i < entries->count; i++) {
                ContainerEntry *entry = &entries->items[i];
                _cleanup_free_ char *id = container_id_for(entry->stem);
                const char *manifest = id ? images_in_use_of(&in_use, id) : NULL;

                if (!id)
                        return -ENOMEM;
                if (!manifest)
                        continue;
                entry->manifest = strdup(manifest);
                if (!entry->manifest)
                        return -ENOMEM;
                r = entry->image && !image_is_file(entry->image) ? find_newer(&store, entry) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A check has left its file by the time that it has a result; a start makes it. */
static int find_health(ContainerEntry *entry) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_health_state_ HealthState health = {};
        int r = bundle_open(entry->stem, &bundle);

        if (r < 0 || bundle.fd < 0 || faccessat(bundle.fd, HEALTH_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return r == -ENOMEM ? r : 0;
        r = health_file_read(&bundle, &health);
        if (r >= 0)
                entry->health = health_status_name(health.status);
        return r == -ENOMEM ? r : 0;
}

static int find_network(const NetworkUsers *users, ContainerEntry *entry) {
        _cleanup_free_ char *id = container_id_for(entry->stem);
        const NetworkUser *user = id ? network_users_find(users, id) : NULL;
        int r = id ? 0 : -ENOMEM;

        if (user)
                r = network_user_list_addresses(user, &entry->addresses);
        return user && r >= 0 ? network_user_list_ports(user, NULL, &entry->ports) : r;
}

/* Of those that are up; who may not look lists the rest. */
static int find_lives(ContainerEntries *entries) {
        _cleanup_network_users_ NetworkUsers users = {};
        int r = network_users_get(&users);

        if (r < 0 && r != -ENOMEM)
                return 0;
        for (size_t i = 0; i < entries->count && r >= 0; i++) {
                ContainerEntry *entry = &entries->items[i];

                if (!entry->state || streq(entry->state->active, "inactive") || streq(entry->state->active, "failed"))
                        continue;
                r = find_health(entry);
                if (r >= 0)
                        r = find_network(&users, entry);
        }
        return r;
}

static int compare_entries(const void *x, const void *y) {
        const ContainerEntry *a = x, *b = y;

        return strcmp(a->stem, b->stem);
}

int container_entries_get(Scope scope, bool numbers, ContainerEntries *ret, int *ret_error) {
        _cleanup_container_entries_ ContainerEntries entries = {};
        _cleanup_sources_ Sources sources = {};
        int error, r;

        error = unit_states_get("container@*.service", numbers ? UNIT_NUMBERS : 0, &entries.states);
        if (error == -ENOMEM)
                return error;
        r = find_sources(scope, &entries.states, &sources);
        for (size_t i = 0; i < sources.count && r >= 0; i++)
                if (sources.items[i].type == FILE_CONTAINER)
                        r = add_entry(&entries, sources.items[i].stem, &sources.items[i], scope);
        if (r >= 0)
                r = add_orphans(&entries, &sources, scope);
        if (r >= 0 && numbers)
                r = find_images(&entries);
        if (r >= 0 && numbers)
                r = find_lives(&entries);
        if (r < 0)
                return r;
        if (entries.count > 1)
                qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
        *ret = entries;
        entries = (ContainerEntries) {};
        *ret_error = error;
        return error < 0 ? 1 : 0;
}

void container_entries_done(ContainerEntries *entries) {
        for (size_t i = 0; i < entries->count; i++)
                entry_done(&entries->items[i]);
        entries->items = x_free(entries->items);
        entries->count = entries->allocated = 0;
        unit_states_done(&entries->states);
}
