/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which instances of templates `systemctl enable` has enabled. */
#include "source/enabled-instances.h"

#include <errno.h>
#include <fcntl.h>

#include "source/unit-directories.h"
#include "source/unit-reference.h"

static DIR *open_directory_at(int directory_fd, const char *path) {
        int fd = openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *directory;

        if (fd < 0)
                return NULL;
        directory = fdopendir(fd);
        if (!directory)
                fd_close(fd);
        return directory;
}

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
        _cleanup_closedir_ DIR *directory = open_directory_at(directory_fd, name);
        struct dirent *entry;

        while (directory && (entry = readdir(directory))) {
                int r = add_instance(entry->d_name, instances);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_unit_directory(const char *path, StringList *instances) {
        _cleanup_closedir_ DIR *directory = open_directory_at(AT_FDCWD, path);
        struct dirent *entry;
        int r;

        while (directory && (entry = readdir(directory))) {
                if (!endswith(entry->d_name, ".wants") && !endswith(entry->d_name, ".requires") &&
                    !endswith(entry->d_name, ".upholds"))
                        continue;
                r = read_links(dirfd(directory), entry->d_name, instances);
                if (r < 0)
                        return r;
        }
        return 0;
}

int enabled_instances_get(Scope scope, StringList *instances) {
        _cleanup_string_list_ StringList directories = {};
        int r;

        r = unit_directories_get(scope, UNITS_OF_ADMINISTRATOR, &directories);
        for (size_t i = 0; r >= 0 && i < directories.count; i++)
                r = read_unit_directory(directories.items[i], instances);
        return r;
}
