/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths inside a root directory that may be hostile. */
#include "basic/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/string-list.h"
#include "basic/text.h"

int root_open(int root_fd, const char *path, int flags) {
        struct open_how how = {
                .flags = (unsigned) (flags | O_CLOEXEC | ((flags & O_PATH) ? 0 : O_NOCTTY)),
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };
        long fd;

        /* The kernel answers EAGAIN when a rename or mount raced with a ".." walk and asks to try
         * again (openat2(2)). */
        for (unsigned attempt = 0; attempt < 64; attempt++) {
                fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
                if (fd >= 0)
                        return (int) fd;
                if (errno != EAGAIN && errno != EINTR)
                        break;
        }
        return -errno;
}

int root_read_file(int root_fd, const char *path, size_t max, char **ret, size_t *ret_size) {
        _cleanup_close_ int pinned = -EBADF, fd = -EBADF;
        struct stat st;

        /* First pinned without opening: opening a device node or a FIFO can already have an
         * effect. */
        pinned = root_open(root_fd, path, O_PATH);
        if (pinned < 0)
                return pinned;
        if (fstat(pinned, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        fd = open(fd_path(pinned).text, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        return read_fd(fd, max, ret, ret_size);
}

/* Appends the components of `path` behind those at `rest`'s front, the way a symlink's target
 * replaces its name. */
static int prepend_components(StringList *stack, const char *path) {
        _cleanup_string_list_ StringList components = {};
        int r;

        for (const char *p = path; *p;) {
                size_t n;

                p += strspn(p, "/");
                n = strcspn(p, "/");
                if (n > 0) {
                        r = string_list_add_n(&components, p, n);
                        if (r < 0)
                                return r;
                }
                p += n;
        }
        /* A stack: its last item is the next component. */
        for (size_t i = components.count; i > 0; i--) {
                r = string_list_add(stack, components.items[i - 1]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static char *string_list_pop(StringList *list) {
        char *item = list->items[--list->count];
        list->items[list->count] = NULL;
        return item;
}

static int append_component(char **resolved, const char *name) {
        char *longer = text_format("%s/%s", *resolved, name);

        if (!longer)
                return -ENOMEM;
        free(*resolved);
        *resolved = longer;
        return strlen(longer) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* The target of the symlink at `path`, or 1 when it is something else or missing. */
static int read_link(int root_fd, const char *path, char **ret) {
        _cleanup_close_ int fd = root_open(root_fd, path, O_PATH | O_NOFOLLOW);
        char target[PATH_MAX];
        struct stat st;
        ssize_t n;

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 1;
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISLNK(st.st_mode))
                return 1;
        n = readlinkat(fd, "", target, sizeof(target));
        if (n < 0)
                return -errno;
        if ((size_t) n >= sizeof(target))
                return -ENAMETOOLONG;
        *ret = strndup(target, (size_t) n);
        return *ret ? 0 : -ENOMEM;
}

int root_resolve(int root_fd, const char *path, char **ret) {
        enum { MOST_LINKS = 40 };
        _cleanup_string_list_ StringList stack = {};
        _cleanup_free_ char *resolved = strdup("");
        unsigned links = 0;
        int r;

        if (!resolved)
                return -ENOMEM;
        r = prepend_components(&stack, path);
        if (r < 0)
                return r;
        while (stack.count > 0) {
                _cleanup_free_ char *name = string_list_pop(&stack), *target = NULL;
                size_t before = strlen(resolved);

                if (streq(name, "."))
                        continue;
                if (streq(name, "..")) {
                        char *slash = strrchr(resolved, '/');
                        if (slash)
                                *slash = '\0';
                        continue;
                }
                r = append_component(&resolved, name);
                if (r < 0)
                        return r;
                r = read_link(root_fd, resolved, &target);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                if (++links > MOST_LINKS)
                        return -ELOOP;
                resolved[target[0] == '/' ? 0 : before] = '\0';
                r = prepend_components(&stack, target);
                if (r < 0)
                        return r;
        }
        if (!*resolved) {
                r = append_component(&resolved, "");
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(resolved);
        return 0;
}
