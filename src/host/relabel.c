/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux labels for what a container gets of the host's files. */
#include "host/relabel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/text.h"
#include "host/labels.h"
#include "kind/container/container-security.h"

enum { DEEPEST = 128 };

/* A child as itself, neither through a symlink nor across a mount point: -EXDEV then. */
static int open_child(int directory_fd, const char *name) {
        const struct open_how how = {
                .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
        };
        int fd = (int) syscall(SYS_openat2, directory_fd, name, &how, sizeof(how));

        return fd < 0 ? -errno : fd;
}

static int relabel(int fd, const char *label, unsigned depth);

static int relabel_children(int fd, const char *label, unsigned depth) {
        _cleanup_closedir_ DIR *directory = NULL;
        struct dirent *entry;
        int list_fd;

        if (depth >= DEEPEST)
                return -ELOOP;
        list_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (list_fd < 0)
                return -errno;
        directory = fdopendir(list_fd);
        if (!directory) {
                int error = errno;

                fd_close(list_fd);
                return -error;
        }
        for (;;) {
                _cleanup_close_ int child = -EBADF;
                int r;

                errno = 0;
                entry = readdir(directory);
                if (!entry)
                        return -errno;
                if (streq(entry->d_name, ".") || streq(entry->d_name, ".."))
                        continue;
                child = open_child(fd, entry->d_name);
                if (child == -ENOENT || child == -EXDEV)
                        continue;
                r = child < 0 ? child : relabel(child, label, depth + 1);
                if (r < 0)
                        return r;
        }
}

static int relabel(int fd, const char *label, unsigned depth) {
        struct stat st;
        int r;

        if (!labels_is(fd, label)) {
                r = labels_set(fd, label);
                if (r < 0)
                        return r;
        }
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) ? relabel_children(fd, label, depth) : 0;
}

int relabel_tree(int fd, const char *label) {
        return relabel(fd, label, 0);
}

/* Where the descriptor really leads, symlinks of its path and all. */
static int refuse_system(int fd, const Location *where, Diagnostics *diagnostics) {
        _cleanup_free_ char *link = text_format("/proc/self/fd/%d", fd);
        char path[PATH_MAX];
        ssize_t n;

        if (!link)
                return -ENOMEM;
        n = readlink(link, path, sizeof(path) - 1);
        if (n < 0)
                return -errno;
        path[n] = '\0';
        if (path_keeps_label(path))
                return diagnose_error(diagnostics, where,
                                      "\"%s\" is the system's, and is not relabelled for a container", path);
        return 0;
}

static int relabel_volume(const VolumeMount *volume, const char *source, const char *label, Diagnostics *diagnostics) {
        _cleanup_close_ int fd = open(source, O_PATH | O_CLOEXEC);
        int r;

        if (fd < 0)
                return diagnose_error(diagnostics, &volume->where, "\"%s\": %s", source, strerror(errno));
        r = refuse_system(fd, &volume->where, diagnostics);
        if (r < 0)
                return r;
        r = relabel_tree(fd, label);
        if (r == -ENOTSUP) {
                diagnose_warning(diagnostics, &volume->where,
                                 "\"%s\" is on a file system without labels: \"%c\" has no effect", source,
                                 volume->relabel_private ? 'Z' : 'z');
                return 0;
        }
        if (r < 0 && r != -ENOMEM)
                return diagnose_error(diagnostics, &volume->where, "cannot relabel \"%s\": %s", source, strerror(-r));
        return r;
}

int relabel_volumes(const Container *container, const Facts *facts, const char *mount, Diagnostics *diagnostics) {
        _cleanup_free_ char *shared = NULL;
        int r = 0;

        if (!mount)
                return 0;
        for (size_t i = 0; i < container->volumes.count && r >= 0; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                const char *source = facts_volume_source(facts, volume);

                if (!source || (!volume->relabel_shared && !volume->relabel_private))
                        continue;
                if (!shared)
                        r = context_make_shared(mount, &shared);
                if (r >= 0)
                        r = relabel_volume(volume, source, volume->relabel_private ? mount : shared, diagnostics);
        }
        return r;
}

int relabel_named_volume(int fd) {
        _cleanup_diagnostics_ Diagnostics ignored = {};
        _cleanup_free_ char *label = NULL;
        FactLabels labels = {};
        int r;

        r = labels_gather("", &labels, &ignored);
        if (r > 0)
                r = context_make_shared(labels.file, &label);
        fact_labels_done(&labels);
        return r < 0 || !label ? r : relabel_tree(fd, label);
}
