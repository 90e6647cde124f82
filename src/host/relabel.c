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

#include "basic/directory.h"
#include "host/labels.h"
#include "oci/oci-labels.h"

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
        const struct dirent *entry;
        int r;

        if (depth >= DEEPEST)
                return -ELOOP;
        r = directory_open_at(fd, ".", 0, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_close_ int child = open_child(fd, entry->d_name);

                if (child == -ENOENT || child == -EXDEV)
                        continue;
                r = child < 0 ? child : relabel(child, label, depth + 1);
                if (r < 0)
                        return r;
        }
        return r;
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
