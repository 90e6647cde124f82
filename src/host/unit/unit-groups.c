/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control groups of many units. */
#include "host/unit/unit-groups.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/directory.h"
#include "basic/text.h"
#include "host/cgroup.h"

/* Only the manager makes groups in a slice: what a unit has made in a group that is its own is not
 * looked at. A slice that cannot be read, or that went meanwhile, has nothing in it. */
static int look_into(const char *slice, StringList *slices, UnitGroupFound found, void *userdata) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s", slice);
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = 0;

        if (!path)
                return -ENOMEM;
        if (directory_open_at(AT_FDCWD, path, O_NOFOLLOW, &directory) < 0)
                return 0;
        while (r >= 0 && directory_next(directory, &entry) > 0) {
                if (entry->d_type != DT_DIR)
                        continue;
                if (endswith(entry->d_name, ".slice"))
                        r = string_list_addf(slices, "%s/%s", slice, entry->d_name);
                else
                        r = found(slice, entry->d_name, userdata);
        }
        return r;
}

int unit_groups_find(const char *root, UnitGroupFound found, void *userdata) {
        _cleanup_string_list_ StringList slices = {};
        int r = cgroup_is_unified() ? string_list_add(&slices, root) : 0;

        for (size_t i = 0; i < slices.count && r >= 0; i++)
                r = look_into(slices.items[i], &slices, found, userdata);
        return r;
}
