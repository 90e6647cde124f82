/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a tree of files consists of. */
#include "image/tree-list.h"

#include <errno.h>
#include <limits.h>
#include <sys/xattr.h>

#include "basic/directory.h"

int tree_list_directory(int fd, StringList *names) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open_at(fd, ".", 0, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0)
                if (string_list_add(names, entry->d_name) < 0)
                        return -ENOMEM;
        if (r < 0)
                return r;
        string_list_sort(names);
        return 0;
}

int tree_list_attributes(const char *path, StringList *names) {
        char list[XATTR_LIST_MAX];
        ssize_t n = llistxattr(path, list, sizeof(list));

        if (n < 0)
                return errno == EOPNOTSUPP ? 0 : -errno;
        for (const char *p = list; p < list + n; p += strlen(p) + 1)
                if (!streq(p, "security.selinux") && string_list_add(names, p) < 0)
                        return -ENOMEM;
        string_list_sort(names);
        return 0;
}

bool tree_attribute_is_kept(const char *name) {
        static const char *const kept[] = { "security.capability", "system.posix_acl_access",
                                            "system.posix_acl_default" };

        for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
                if (streq(name, kept[i]))
                        return true;
        return startswith(name, "user.") && !startswith(name, "user.overlay.");
}
