/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stop after one that was to write a checkpoint, and was killed. */
#include "start/checkpoint/checkpoint-settle.h"

#include <errno.h>
#include <unistd.h>

#include "basic/files.h"
#include "host/cgroup.h"
#include "host/unit/unit.h"
#include "source/unit-name.h"
#include "start/checkpoint/checkpoint-hold.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/namespace-end.h"

/* A single look: there mostly is neither. */
static bool is_left(const Bundle *bundle) {
        _cleanup_free_ char *path = checkpoint_path(bundle->id, CHECKPOINT_NEW);

        return checkpoint_sleeps(bundle->id) || (path && access(path, F_OK) >= 0);
}

static int open_group(const Bundle *bundle) {
        _cleanup_free_ char *unit_name = bundle_unit_name(bundle), *control_group = NULL;
        pid_t pid;
        int r = unit_name ? unit_get_main_process(unit_name, &pid, &control_group) : -ENOMEM;

        return r < 0 ? r : hold_open_group(control_group);
}

int checkpoint_settle(const Bundle *bundle, pid_t pid) {
        _cleanup_hold_ Hold hold = HOLD_INIT;
        int r;

        if (!is_left(bundle))
                return 0;
        cgroup_end_others();
        hold.group_fd = open_group(bundle);
        if (hold.group_fd < 0)
                return hold.group_fd == -ENOENT ? 0 : hold.group_fd;
        if (!hold_is_held(&hold))
                return 0;
        hold.lock_fd = checkpoint_lock(bundle->id);
        if (hold.lock_fd < 0)
                return hold.lock_fd;
        if (!checkpoint_sleeps(bundle->id))
                return hold_release(&hold);
        r = namespace_end(pid);
        if (r < 0)
                r = hold_end(&hold);
        return r < 0 ? r : 1;
}
