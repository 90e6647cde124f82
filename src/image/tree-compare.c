/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether two trees of files are the same. */
#include "image/tree-compare.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/text.h"
#include "image/tree-list.h"

static int compare_directories(int a_fd, int b_fd, const char *path, char **ret_difference);

/* Each of these returns 1 for the same, 0 or -errno. */

static int compare_contents(int a_fd, int b_fd, const char *name) {
        enum { BLOCK = 64 * 1024 };
        _cleanup_close_ int a = openat(a_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC),
                            b = openat(b_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_free_ char *buffer = malloc(2 * BLOCK);

        if (a < 0 || b < 0)
                return -errno;
        if (!buffer)
                return -ENOMEM;
        for (off_t at = 0;;) {
                ssize_t n = pread(a, buffer, BLOCK, at), m = n < 0 ? -1 : pread(b, buffer + BLOCK, BLOCK, at);

                if (n < 0 || m < 0)
                        return -errno;
                if (n != m || memcmp(buffer, buffer + BLOCK, (size_t) n) != 0)
                        return 0;
                if (n == 0)
                        return 1;
                at += n;
        }
}

static int compare_links(int a_fd, int b_fd, const char *name) {
        char a[PATH_MAX], b[PATH_MAX];
        ssize_t n = readlinkat(a_fd, name, a, sizeof(a)), m = n < 0 ? -1 : readlinkat(b_fd, name, b, sizeof(b));

        if (n < 0 || m < 0)
                return -errno;
        return n == m && memcmp(a, b, (size_t) n) == 0;
}

static int compare_xattrs(int a_fd, int b_fd, const char *name) {
        _cleanup_free_ char *a = text_format("/proc/self/fd/%d/%s", a_fd, name),
                            *b = text_format("/proc/self/fd/%d/%s", b_fd, name);
        _cleanup_free_ char *buffer = malloc(2 * XATTR_SIZE_MAX);
        _cleanup_string_list_ StringList a_names = {}, b_names = {};
        int r;

        if (!a || !b || !buffer)
                return -ENOMEM;
        r = tree_list_attributes(a, &a_names);
        if (r >= 0)
                r = tree_list_attributes(b, &b_names);
        if (r < 0)
                return r;
        if (a_names.count != b_names.count)
                return 0;
        for (size_t i = 0; i < a_names.count; i++) {
                ssize_t n, m;

                if (!streq(a_names.items[i], b_names.items[i]))
                        return 0;
                n = lgetxattr(a, a_names.items[i], buffer, XATTR_SIZE_MAX);
                m = lgetxattr(b, a_names.items[i], buffer + XATTR_SIZE_MAX, XATTR_SIZE_MAX);
                if (n < 0 || m < 0)
                        return -errno;
                if (n != m || memcmp(buffer, buffer + XATTR_SIZE_MAX, (size_t) n) != 0)
                        return 0;
        }
        return 1;
}

static bool same_metadata(const struct stat *a, const struct stat *b) {
        return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
               a->st_rdev == b->st_rdev && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
               a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
               (S_ISDIR(a->st_mode) || (a->st_nlink == b->st_nlink && a->st_size == b->st_size));
}

static int compare_entries(int a_fd, int b_fd, const char *name, const char *path, char **ret_difference) {
        struct stat a, b;
        int r;

        if (fstatat(a_fd, name, &a, AT_SYMLINK_NOFOLLOW) < 0 || fstatat(b_fd, name, &b, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!same_metadata(&a, &b))
                return 0;
        r = compare_xattrs(a_fd, b_fd, name);
        if (r <= 0)
                return r;
        if (S_ISREG(a.st_mode))
                return compare_contents(a_fd, b_fd, name);
        if (S_ISLNK(a.st_mode))
                return compare_links(a_fd, b_fd, name);
        if (S_ISDIR(a.st_mode)) {
                _cleanup_close_ int a_child = openat(a_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                _cleanup_close_ int b_child = openat(b_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

                return a_child < 0 || b_child < 0 ? -errno
                                                  : compare_directories(a_child, b_child, path, ret_difference);
        }
        return 1;
}

static int compare_directories(int a_fd, int b_fd, const char *path, char **ret_difference) {
        _cleanup_string_list_ StringList a = {}, b = {};
        int r;

        r = tree_list_directory(a_fd, &a);
        if (r >= 0)
                r = tree_list_directory(b_fd, &b);
        if (r < 0)
                return r;
        for (size_t i = 0; i < a.count || i < b.count; i++) {
                const char *name = i < a.count ? a.items[i] : b.items[i];
                _cleanup_free_ char *child = text_format("%s/%s", path, name);

                if (!child)
                        return -ENOMEM;
                r = i < a.count && i < b.count && streq(a.items[i], b.items[i])
                                    ? compare_entries(a_fd, b_fd, name, child, ret_difference)
                                    : 0;
                if (r == 0 && !*ret_difference)
                        *ret_difference = TAKE_PTR(child);
                if (r <= 0)
                        return r;
        }
        return 1;
}

int trees_compare(int a_fd, int b_fd, char **ret_difference) {
        int r = compare_entries(a_fd, b_fd, ".", "", ret_difference);

        if (r == 0 && !*ret_difference)
                *ret_difference = strdup("/");
        return r == 0 && !*ret_difference ? -ENOMEM : r;
}
