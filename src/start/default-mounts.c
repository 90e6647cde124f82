/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directories and files that mounts.conf gives every container. */
#include "start/default-mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/copy-tree.h"
#include "basic/files.h"
#include "basic/own-tree.h"
#include "basic/path.h"
#include "basic/root.h"
#include "basic/text.h"
#include "host/relabel.h"

#define COPIES_DIRECTORY "mounts" /* in the bundle */

enum { FILE_MAX = 16 << 20 };

typedef struct Gatherer {
        const Container *container;
        int root_fd;
        const char *bundle_path;
        Facts *facts;
        StringList *sources;
        Diagnostics *diagnostics;
} Gatherer;

static int warn(const Gatherer *gatherer, const Location *where, const char *path, const char *message) {
        diagnose_warning(gatherer->diagnostics, where, "\"%s\" %s", path, message);
        return 0;
}

/* Why nothing can be mounted at the resolved `path`; NULL when it can. */
static const char *find_obstacle(const Gatherer *gatherer, const char *path, bool directory) {
        static const char *const kernel[] = { "/dev", "/proc", "/sys" };
        const VolumeMountList *volumes = &gatherer->container->volumes;
        _cleanup_close_ int fd = root_open(gatherer->root_fd, path, O_PATH | O_NOFOLLOW);
        struct stat st;

        if (streq(path, "/"))
                return "is the root directory of the container, and left alone";
        for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
                if (path_is_below(path, kernel[i]))
                        return "is the kernel's in the container, and left alone";
        for (size_t i = 0; i < volumes->count; i++) {
                const char *destination = facts_resolve(gatherer->facts, volumes->items[i].destination);

                if (path_is_below(path, destination) && !streq(path, destination))
                        return "is in a volume of the container, and left alone";
        }
        if (fd >= 0 && fstat(fd, &st) >= 0 && (directory ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode)))
                return directory ? "is no directory in the container, and left alone"
                                 : "is no file in the container, and left alone";
        return NULL;
}

static int add(const Gatherer *gatherer, const Location *where, const char *source, const char *destination) {
        _cleanup_free_ char *resolved = NULL;
        const char *obstacle;
        struct stat st;
        int r;

        if (stat(source, &st) < 0)
                return 0;
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return warn(gatherer, where, source, "is neither a directory nor a file, and left alone");
        r = root_resolve(gatherer->root_fd, destination, &resolved);
        if (r < 0)
                return r == -ENOMEM ? r
                                    : warn(gatherer, where, destination,
                                           "leads nowhere in the container, and is left alone");
        obstacle = find_obstacle(gatherer, resolved, S_ISDIR(st.st_mode));
        if (obstacle)
                return warn(gatherer, where, destination, obstacle);
        r = string_list_addf(&gatherer->facts->bind_files, "%s/" COPIES_DIRECTORY "/%zu:%s", gatherer->bundle_path,
                             gatherer->sources->count, resolved);
        return r < 0 ? r : string_list_add(gatherer->sources, source);
}

/* "SOURCE:DESTINATION", or nothing. */
static int add_line(const Gatherer *gatherer, const Location *where, const char *line, size_t n) {
        _cleanup_free_ char *copy = NULL, *source = NULL, *destination = NULL;
        char *colon;
        int r;

        while (n > 0 && strchr(" \t\r", line[n - 1]))
                n--;
        while (n > 0 && strchr(" \t", *line))
                line++, n--;
        if (n == 0 || *line == '#')
                return 0;
        copy = strndup(line, n);
        if (!copy)
                return -ENOMEM;
        colon = strchr(copy, ':');
        if (!colon)
                return warn(gatherer, where, copy, "is not SOURCE:DESTINATION, and left alone");
        *colon = '\0';
        r = path_normalize(copy, &source);
        if (r >= 0)
                r = path_normalize(colon + 1, &destination);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return warn(gatherer, where, source ? colon + 1 : copy,
                            "is no absolute path without \"..\", and left alone");
        return add(gatherer, where, source, destination);
}

static int add_lines(const Gatherer *gatherer, const char *path, const char *text) {
        Location where = { .file = path };
        int r = 0;

        for (const char *line = text; *line && r >= 0;) {
                size_t n = strcspn(line, "\n");

                where.line++;
                r = add_line(gatherer, &where, line, n);
                line += n + (line[n] == '\n');
        }
        return r;
}

int default_mounts_gather(const Container *container, int root_fd, const char *bundle_path, Facts *facts,
                          StringList *sources, Diagnostics *diagnostics) {
        static const char *const paths[] = { "/etc/containers/mounts.conf", "/usr/share/containers/mounts.conf" };
        const Gatherer gatherer = { container, root_fd, bundle_path, facts, sources, diagnostics };

        for (size_t i = 0; i < ARRAY_SIZE(paths) && container->default_mounts != NO; i++) {
                _cleanup_free_ char *text = NULL;
                int r = read_file_at(AT_FDCWD, paths[i], FILE_MAX, &text, NULL);

                if (r == -ENOENT || r == -ENOTDIR)
                        continue;
                if (r < 0 && r != -ENOMEM) {
                        diagnose_warning(diagnostics, &(Location) { .file = paths[i] }, "%s", strerror(-r));
                        return 0;
                }
                return r < 0 ? r : add_lines(&gatherer, paths[i], text);
        }
        return 0;
}

static int copy_file(const char *source, int directory_fd, const char *name) {
        _cleanup_free_ char *data = NULL;
        struct stat st;
        size_t size;
        int r;

        r = read_file_at(AT_FDCWD, source, FILE_MAX, &data, &size);
        if (r >= 0 && stat(source, &st) < 0)
                r = -errno;
        if (r >= 0)
                r = write_file_atomic_at(directory_fd, name, data, size, 0600);
        return r >= 0 && fchmodat(directory_fd, name, st.st_mode & 0777, 0) < 0 ? -errno : r;
}

static int copy(const char *source, int directory_fd, const char *name) {
        _cleanup_close_ int source_fd = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC), target_fd = -EBADF;

        if (source_fd < 0)
                return errno == ENOTDIR ? copy_file(source, directory_fd, name) : -errno;
        if (mkdirat(directory_fd, name, 0700) < 0)
                return -errno;
        target_fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return target_fd < 0 ? -errno : copy_tree(source_fd, target_fd, NULL);
}

/* To the container's root user. */
static int hand_over(int directory_fd, const char *name, const Facts *facts, const char *label) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        uint32_t uid = 0, gid = 0;
        int r;

        if (fd < 0)
                return -errno;
        (void) id_map_to_outside(&facts->uid_map, 0, &uid);
        (void) id_map_to_outside(&facts->gid_map, 0, &gid);
        r = own_tree(fd, uid, gid);
        return r < 0 || !label ? r : relabel_tree(fd, label);
}

int default_mounts_copy(const StringList *sources, const Bundle *bundle, const Facts *facts, const char *label,
                        Diagnostics *diagnostics) {
        _cleanup_close_ int fd = -EBADF;

        if (sources->count == 0)
                return 0;
        if (mkdirat(bundle->fd, COPIES_DIRECTORY, 0700) < 0)
                return -errno;
        fd = openat(bundle->fd, COPIES_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        for (size_t i = 0; i < sources->count; i++) {
                _cleanup_free_ char *name = text_format("%zu", i);
                int r = name ? copy(sources->items[i], fd, name) : -ENOMEM;

                if (r >= 0)
                        r = hand_over(fd, name, facts, label);
                if (r < 0 && r != -ENOMEM)
                        return diagnose_error(diagnostics, NULL, "\"%s\" of mounts.conf cannot be copied: %s",
                                              sources->items[i], strerror(-r));
                if (r < 0)
                        return r;
        }
        return 0;
}
