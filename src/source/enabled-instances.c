/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `systemctl enable` has enabled. */
#include "source/enabled-instances.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/text.h"
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

static bool has_links(const char *directory) {
        return endswith(directory, ".wants") || endswith(directory, ".requires") || endswith(directory, ".upholds");
}

static int read_unit_directory(const char *path, StringList *instances) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(path, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                if (!has_links(entry->d_name))
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

/* Returns 1, 0, or -errno. */
static int find_link(const char *path, const char *unit_name) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(path, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_free_ char *link = NULL;

                if (!has_links(entry->d_name))
                        continue;
                link = text_format("%s/%s", entry->d_name, unit_name);
                if (!link)
                        return -ENOMEM;
                if (faccessat(dirfd(directory), link, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                        return 1;
        }
        return r;
}

int unit_is_enabled(const char *unit_name, Scope scope) {
        _cleanup_string_list_ StringList directories = {};
        int r;

        r = unit_directories_get(scope, UNITS_OF_ADMINISTRATOR, &directories);
        for (size_t i = 0; i < directories.count && r >= 0; i++) {
                r = find_link(directories.items[i], unit_name);
                if (r > 0)
                        return 1;
                r = r == -ENOMEM ? r : 0;
        }
        return r < 0 ? r : 0;
}
