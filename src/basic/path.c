/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths as text. */
#include "basic/path.h"

#include <errno.h>
#include <limits.h>

#include "basic/text.h"

char *path_join(const char *directory, const char *name) {
        size_t n = strlen(directory);

        while (n > 1 && directory[n - 1] == '/')
                n--;
        while (*name == '/')
                name++;
        return text_format("%.*s%s%s", (int) n, directory, n > 0 && directory[n - 1] != '/' ? "/" : "", name);
}

const char *path_basename(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

char *path_dirname(const char *path) {
        const char *slash = strrchr(path, '/');

        if (!slash)
                return strdup(".");
        return slash == path ? strdup("/") : strndup(path, (size_t) (slash - path));
}

int path_normalize(const char *path, char **ret) {
        _cleanup_text_ Text normalized = {};

        if (path[0] != '/')
                return -EINVAL;
        if (strlen(path) >= PATH_MAX)
                return -ENAMETOOLONG;
        for (const char *p = path; *p;) {
                size_t n;

                p += strspn(p, "/");
                n = strcspn(p, "/");
                if (n == 2 && p[0] == '.' && p[1] == '.')
                        return -EINVAL;
                if (n > 0 && !(n == 1 && p[0] == '.')) {
                        text_append_char(&normalized, '/');
                        text_append_n(&normalized, p, n);
                }
                p += n;
        }
        if (normalized.length == 0)
                text_append_char(&normalized, '/');
        return text_take(&normalized, ret);
}

int path_split_entry(const char *path, char **ret_parent, char **ret_name) {
        _cleanup_free_ char *rooted = text_format("/%s", path), *normalized = NULL, *parent = NULL, *name = NULL;
        int r = rooted ? path_normalize(rooted, &normalized) : -ENOMEM;

        if (r < 0)
                return r == -EINVAL ? -EBADMSG : r;
        parent = path_dirname(normalized);
        name = strdup(path_basename(normalized));
        if (!parent || !name)
                return -ENOMEM;
        *ret_parent = TAKE_PTR(parent);
        *ret_name = TAKE_PTR(name);
        return 0;
}

bool path_is_below(const char *path, const char *ancestor) {
        const char *rest = startswith(path, ancestor);
        return rest && (*rest == '\0' || *rest == '/' || streq(ancestor, "/"));
}

size_t path_depth(const char *path) {
        size_t depth = 0;

        for (const char *p = path; *p; p++)
                if (p[0] == '/' && p[1] != '\0')
                        depth++;
        return depth;
}

bool file_name_is_valid(const char *name) {
        return *name && !streq(name, ".") && !streq(name, "..") && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}
