/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/log/pipe-label.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "basic/files.h"
#include "host/labels.h"

#define LABEL_FILE "pipe-label"

enum { LABEL_MAX = 4096 };

int pipe_label_note(const Bundle *bundle, const char *label) {
        return label ? write_file_atomic_at(bundle->fd, LABEL_FILE, label, strlen(label), 0600) : 0;
}

int pipe_label_give(const Bundle *bundle, int fd) {
        _cleanup_free_ char *label = NULL;
        struct stat st;
        int r = read_file_at(bundle->fd, LABEL_FILE, LABEL_MAX, &label, NULL);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISFIFO(st.st_mode) ? labels_set(fd, label) : 0;
}

int pipe_label_give_named(const Bundle *bundle, int fd) {
        struct statfs fs;

        if (fstatfs(fd, &fs) < 0)
                return -errno;
        return fs.f_type == PIPEFS_MAGIC ? 0 : pipe_label_give(bundle, fd);
}
