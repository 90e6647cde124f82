/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading directories. */
#include "basic/directory.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/text.h"

int directory_take(int fd, DIR **ret) {
        DIR *directory = fdopendir(fd);

        if (!directory) {
                int r = -errno;

                fd_close(fd);
                return r;
        }
        *ret = directory;
        return 0;
}

int directory_open_at(int directory_fd, const char *path, int flags, DIR **ret) {
        int fd = openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);

        return fd < 0 ? -errno : directory_take(fd, ret);
}

int directory_open(const char *path, DIR **ret) {
        return directory_open_at(AT_FDCWD, path, 0, ret);
}

int directory_next(DIR *directory, const struct dirent **ret) {
        const struct dirent *entry;

        do {
                errno = 0; /* which the end leaves as it is */
                entry = readdir(directory);
                if (!entry)
                        return -errno;
        } while (streq(entry->d_name, ".") || streq(entry->d_name, ".."));
        *ret = entry;
        return 1;
}

int directory_list(const char *path, StringList *ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = directory_open(path, &directory);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = entry->d_name[0] == '.' ? 0 : string_list_add(ret, entry->d_name);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        string_list_sort(ret);
        return 0;
}
