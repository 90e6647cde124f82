/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/exec/exec-target.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/text.h"
#include "host/effects.h"
#include "host/unit/unit.h"
#include "source/unit-name.h"
#include "start/bundle-config.h"

int exec_target_open_root(const char *stem, int *ret, pid_t *ret_pid) {
        _cleanup_free_ char *unit = NULL, *path = NULL;
        pid_t pid;
        int r;

        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r >= 0)
                r = unit_get_main_process(unit, &pid, NULL);
        if (r < 0)
                return r;
        if (pid <= 1)
                return -ENOENT;
        path = text_format("/proc/%d/root", (int) pid);
        if (!path)
                return -ENOMEM;
        *ret_pid = pid;
        *ret = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

int exec_target_open(const char *stem, ExecTarget *ret) {
        pid_t pid;
        int r;

        r = bundle_open(stem, &ret->bundle);
        if (r >= 0)
                r = ret->bundle.fd < 0 ? -ENOENT : effects_get_runtime(&ret->bundle, &ret->runtime);
        if (r >= 0)
                r = exec_target_open_root(stem, &ret->root_fd, &pid);
        return r < 0 ? r : bundle_config_get_process(&ret->bundle, &ret->process, &ret->control_group);
}

void exec_target_done(ExecTarget *target) {
        bundle_done(&target->bundle);
        free(target->runtime);
        free(target->control_group);
        json_object_put(target->process);
        fd_close(target->root_fd);
}
