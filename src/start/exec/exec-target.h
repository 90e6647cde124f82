/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container that a further process is to be run in. */
#pragma once

#include "basic/json.h"
#include "host/bundle.h"

typedef struct ExecTarget {
        Bundle bundle;
        char *runtime, *control_group; /* the container's own group; NULL: it has none */
        json_object *process;          /* as config.json has it */
        int root_fd;                   /* of the root as its first process sees it, with all that is mounted there */
} ExecTarget;

#define EXEC_TARGET_INIT { .bundle = BUNDLE_INIT, .root_fd = -EBADF }

/* Finds it. Returns 0, -ENOENT when it does not run, or another -errno; `ret` is to be released. */
int exec_target_open(const char *stem, ExecTarget *ret);

/* Opens the root of a container that runs, by O_PATH and as its first process sees it. Returns 0
 * with that process's number, -ENOENT when it does not run, or another -errno. */
int exec_target_open_root(const char *stem, int *ret, pid_t *ret_pid);

void exec_target_done(ExecTarget *target);
#define _cleanup_exec_target_ _cleanup_(exec_target_done)
