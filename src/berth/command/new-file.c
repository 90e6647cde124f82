/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that gets its name when it is whole. */
#include "berth/command/new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"

int new_file_open(const char *path, NewFile *ret) {
        _cleanup_free_ char *temporary = NULL;
        struct stat st;
        int fd;

        if (!path) {
                ret->fd = STDOUT_FILENO;
                return 0;
        }
        if (stat(path, &st) >= 0 && !S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
        temporary = text_format("%s.XXXXXX", path);
        if (!temporary)
                return -ENOMEM;
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret = (NewFile) { .temporary = TAKE_PTR(temporary), .fd = fd };
        return 0;
}

int new_file_finish(NewFile *file, const char *path) {
        if (!file->temporary)
                return 0;
        if (fsync(file->fd) < 0 || rename(file->temporary, path) < 0)
                return -errno;
        return sync_parent_at(AT_FDCWD, path);
}

void new_file_done(NewFile *file) {
        if (!file->temporary)
                return;
        (void) unlink(file->temporary);
        free(file->temporary);
        close(file->fd);
}
