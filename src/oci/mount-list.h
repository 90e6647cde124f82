/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts of an OCI configuration as a list: put together, ordered, and written. Private to this
 * folder. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/json.h"
#include "basic/string-list.h"

typedef struct OciMount {
        char *destination; /* resolved and normalized */
        char *source;
        const char *type; /* static */
        StringList options;
        bool by_user;
        Location where; /* of a user's mount */
} OciMount;

typedef struct OciMountList {
        OciMount *items;
        size_t count, allocated;
} OciMountList;

/* Appends a mount; `options` are split at commas. `ret` (may be NULL) borrows it until the next
 * call. Returns 0 or -ENOMEM. */
int mount_list_add(OciMountList *list, const char *destination, const char *type, const char *source,
                   const char *options, OciMount **ret);

/* The mount at exactly this destination, or NULL. */
OciMount *mount_list_find(const OciMountList *list, const char *destination);

/* Whether a user's mount is at `destination`, or replaces all of /dev that it lies in. */
bool mount_list_user_covers(const OciMountList *list, const char *destination);

/* Orders by the number of path components, keeping the order of equals: a mount never covers one
 * that was made before it. */
void mount_list_sort(OciMountList *list);

/* The rootfsPropagation that the mounts' own propagation needs, as libpod computes it: "shared",
 * "rslave", or NULL when any will do. Static. */
const char *mount_list_root_propagation(const OciMountList *list);

void mount_list_write(const OciMountList *list, Json *json, const char *key);

void mount_list_done(OciMountList *list);
#define _cleanup_mount_list_ _cleanup_(mount_list_done)
