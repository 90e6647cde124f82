/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.def as a table, and the release of facts by it. */
#include "oci/fact-table.h"

const Fact fact_table[] = {
#define FACT(field, kind, ...) { OWNER_FACTS, #field, FACT_KIND_##kind, offsetof(Facts, field), #__VA_ARGS__ },
#define FACT_DEVICE(field, kind, ...)                                                                                  \
        { OWNER_DEVICE, #field, FACT_KIND_##kind, offsetof(FactDevice, field), #__VA_ARGS__ },
#define FACT_LABELS(field, kind, ...)                                                                                  \
        { OWNER_LABELS, #field, FACT_KIND_##kind, offsetof(FactLabels, field), #__VA_ARGS__ },
#include "oci/facts.def"
        {},
};

static void done_members(FactOwner owner, void *target);

static void done_scalar(_unused_ void *field) {}

static void done_string(char **field) {
        free(*field);
}

static void done_ids(FactIds *ids) {
        free(ids->items);
}

static void done_string_list(StringList *list) {
        string_list_done(list);
}

static void done_paths(FactPathList *list) {
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].written);
                free(list->items[i].resolved);
        }
        free(list->items);
}

static void done_id_map(IdMap *map) {
        id_map_done(map);
}

static void done_namespaces(FactNamespaces *paths) {
        for (size_t i = 0; i < ARRAY_SIZE(*paths); i++)
                free((*paths)[i]);
}

static void done_devices(FactDeviceList *list) {
        for (size_t i = 0; i < list->count; i++)
                done_members(OWNER_DEVICE, &list->items[i]);
        free(list->items);
}

static void done_labels(FactLabels *labels) {
        done_members(OWNER_LABELS, labels);
}

/* release_KIND(): frees and zeroes a field. */
#define DEFINE_RELEASE(name, ctype, done, json)                                                                        \
        static void release_##name(void *field) {                                                                      \
                done_##done(field);                                                                                    \
                memset(field, 0, sizeof(ctype));                                                                       \
        }
FACT_KINDS(DEFINE_RELEASE)
#undef DEFINE_RELEASE

static void done_members(FactOwner owner, void *target) {
        static void (*const release[_FACT_KIND_COUNT])(void *field) = {
#define KIND(name, ctype, done, json) [FACT_KIND_##name] = release_##name,
                FACT_KINDS(KIND)
#undef KIND
        };

        for (const Fact *fact = fact_table; fact->name; fact++)
                if (fact->owner == owner)
                        release[fact->kind]((char *) target + fact->offset);
}

void fact_device_done(FactDevice *device) {
        done_members(OWNER_DEVICE, device);
}

void fact_labels_done(FactLabels *labels) {
        done_members(OWNER_LABELS, labels);
}

void facts_done(Facts *facts) {
        done_members(OWNER_FACTS, facts);
}
