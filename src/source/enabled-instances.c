/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which instances of templates `systemctl enable` has enabled. */
#include "source/enabled-instances.h"

#include <errno.h>

#include "basic/directory.h"
#include "source/unit-directories.h"
#include "source/unit-reference.h"

/* Adds "web@a.container" for "container@web@a.service". */
static int add_instance(const char *unit_name, StringList *instances) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = unit_name_parse(unit_name, &type, &stem);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return instances_add(instances, type, stem);
}

static int read_links(int directory_fd, const char *name, StringList *instances) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open_at(directory_fd, name, 0, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = add_instance(entry->d_name, instances);
                if (r < 0)
                        return r;
        }
        return r;
}

static int read_unit_directory(const char *path, StringList *instances) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(path, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                if (!endswith(entry->d_name, ".wants") && !endswith(entry->d_name, ".requires") &&
                    !endswith(entry->d_name, ".upholds"))
                        continue;
                r = read_links(dirfd(directory), entry->d_name, instances);
                if (r == -ENOMEM)
                        return r;
        }
        return r;
}

int enabled_instances_get(Scope scope, StringList *instances) {
        _cleanup_string_list_ StringList directories = {};
        int r;

        r = unit_directories_get(scope, UNITS_OF_ADMINISTRATOR, &directories);
        if (r < 0)
                return r;
        for (size_t i = 0; i < directories.count; i++)
                if (read_unit_directory(directories.items[i], instances) == -ENOMEM)
                        return -ENOMEM;
        return 0;
}
