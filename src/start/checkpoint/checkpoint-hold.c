/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes of a container while a checkpoint of them gets its name. */
#include "start/checkpoint/checkpoint-hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/cgroup.h"
#include "start/checkpoint/checkpoint-store.h"

int hold_open_group(const char *control_group) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/container", control_group);
        int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

        if (!path)
                return -ENOMEM;
        return fd < 0 ? -errno : fd;
}

int hold_begin(const Hold *hold) {
        return cgroup_freeze(hold->group_fd, true);
}

bool hold_is_held(const Hold *hold) {
        enum { LONGEST = 16 };
        _cleanup_free_ char *value = NULL;

        return hold->group_fd >= 0 && read_file_at(hold->group_fd, "cgroup.freeze", LONGEST, &value, NULL) >= 0 &&
               value[0] == '1';
}

bool hold_is_named(const Hold *hold) {
        struct stat written, whole;

        return fstat(hold->new_fd, &written) >= 0 &&
               fstatat(hold->lock_fd, CHECKPOINT_WHOLE, &whole, AT_SYMLINK_NOFOLLOW) >= 0 &&
               written.st_dev == whole.st_dev && written.st_ino == whole.st_ino;
}

int hold_take_upper(const Hold *hold) {
        return hold->upper && rename(hold->upper, hold->place) < 0 ? -errno : 0;
}

int hold_release(const Hold *hold) {
        int r = 0;

        if (hold->upper && rename(hold->place, hold->upper) < 0 && errno != ENOENT)
                r = -errno;
        if (hold->group_fd >= 0 && r >= 0)
                r = cgroup_freeze(hold->group_fd, false);
        return r;
}

int hold_end(const Hold *hold) {
        return hold->group_fd < 0 ? 0 : cgroup_kill(hold->group_fd);
}

void hold_done(Hold *hold) {
        hold->group_fd = fd_close(hold->group_fd);
        hold->lock_fd = fd_close(hold->lock_fd);
        hold->new_fd = fd_close(hold->new_fd);
        hold->upper = x_free(hold->upper);
        hold->place = x_free(hold->place);
}
