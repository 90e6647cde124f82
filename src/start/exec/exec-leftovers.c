/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/exec/exec-leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/path.h"

/* A number that is in use again keeps the files until it is not. */
static bool is_left(const char *name, const char *prefix) {
        const char *number = startswith(name, prefix);
        long pid = number ? strtol(number, NULL, 10) : 0;

        return pid > 0 && kill((pid_t) pid, 0) < 0 && errno == ESRCH;
}

static void remove_files(int bundle_fd) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;

        if (directory_open_at(bundle_fd, ".", 0, &directory) < 0)
                return;
        while (directory_next(directory, &entry) > 0)
                if (is_left(entry->d_name, EXEC_FILE_PREFIX))
                        (void) unlinkat(bundle_fd, entry->d_name, 0);
}

/* One that something is in still is busy, and stays. */
static void remove_groups(const char *control_group) {
        _cleanup_free_ char *path = path_join("/sys/fs/cgroup", control_group);
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;

        if (!path || directory_open(path, &directory) < 0)
                return;
        while (directory_next(directory, &entry) > 0)
                if (is_left(entry->d_name, EXEC_GROUP_PREFIX))
                        (void) unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
}

void exec_remove_leftovers(const Bundle *bundle, const char *control_group) {
        remove_files(bundle->fd);
        if (control_group)
                remove_groups(control_group);
}
