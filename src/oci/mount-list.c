/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts of an OCI configuration as a list. */
#include "oci/mount-list.h"

#include <errno.h>

#include "basic/path.h"

static void mount_done(OciMount *mount) {
        free(mount->destination);
        free(mount->source);
        string_list_done(&mount->options);
        *mount = (OciMount) {};
}

int mount_list_add(OciMountList *list, const char *destination, const char *type, const char *source,
                   const char *options, OciMount **ret) {
        _cleanup_(mount_done)
                        OciMount mount = { .destination = strdup(destination), .source = strdup(source), .type = type };

        if (!mount.destination || !mount.source ||
            string_list_add_split(&mount.options, options, strlen(options), ",") < 0 ||
            ARRAY_RESERVE(list->items, list->allocated, list->count + 1) < 0)
                return -ENOMEM;
        if (ret)
                *ret = &list->items[list->count];
        list->items[list->count++] = mount;
        mount = (OciMount) {};
        return 0;
}

OciMount *mount_list_find(const OciMountList *list, const char *destination) {
        for (size_t i = 0; i < list->count; i++)
                if (streq(list->items[i].destination, destination))
                        return &list->items[i];
        return NULL;
}

bool mount_list_user_covers(const OciMountList *list, const char *destination) {
        const OciMount *mount = mount_list_find(list, destination);

        if (mount && mount->by_user)
                return true;
        mount = path_is_below(destination, "/dev") ? mount_list_find(list, "/dev") : NULL;
        return mount && mount->by_user;
}

void mount_list_sort(OciMountList *list) {
        /* By insertion: stable, and the lists are short. */
        for (size_t i = 1; i < list->count; i++) {
                OciMount mount = list->items[i];
                size_t depth = path_depth(mount.destination), j = i;

                for (; j > 0 && path_depth(list->items[j - 1].destination) > depth; j--)
                        list->items[j] = list->items[j - 1];
                list->items[j] = mount;
        }
}

const char *mount_list_root_propagation(const OciMountList *list) {
        const char *propagation = NULL;

        for (size_t i = 0; i < list->count; i++) {
                const StringList *options = &list->items[i].options;

                if (string_list_contains(options, "shared") || string_list_contains(options, "rshared"))
                        return "shared";
                if (string_list_contains(options, "slave") || string_list_contains(options, "rslave"))
                        propagation = "rslave";
        }
        return propagation;
}

void mount_list_write(const OciMountList *list, Json *json, const char *key) {
        json_open_array(json, key);
        for (size_t i = 0; i < list->count; i++) {
                const OciMount *mount = &list->items[i];

                json_open_object(json, NULL);
                json_add_string(json, "destination", mount->destination);
                json_add_string(json, "type", mount->type);
                json_add_string(json, "source", mount->source);
                json_add_strings(json, "options", &mount->options);
                json_close(json);
        }
        json_close(json);
}

void mount_list_done(OciMountList *list) {
        for (size_t i = 0; i < list->count; i++)
                mount_done(&list->items[i]);
        list->items = x_free(list->items);
        list->count = list->allocated = 0;
}
