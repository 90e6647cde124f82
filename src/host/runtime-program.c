/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/runtime-program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/alloc.h"

int runtime_program_open(const char *program) {
        struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE };
        _cleanup_close_ int file = open(program, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), mounted = -EBADF;
        char magic[SELFMAG];

        if (file < 0)
                return -errno;
        if (read(file, magic, sizeof(magic)) != (ssize_t) sizeof(magic) || memcmp(magic, ELFMAG, SELFMAG) != 0)
                return -ENOEXEC;
        mounted = open_tree(file, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        if (mounted < 0 || mount_setattr(mounted, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
                return -errno;
        return TAKE_FD(mounted);
}
