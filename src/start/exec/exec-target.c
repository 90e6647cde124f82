/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/exec/exec-target.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/text.h"
#include "host/cgroup.h"
#include "host/effects.h"
#include "host/scope.h"
#include "host/unit/unit.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/bundle-config.h"
#include "start/user/user-reach.h"

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

/* Nobody but the machine's root may move a process from a session to a service: it takes a group of
 * the user's manager, from which the user may. The container's own slice is the nearest. */
static int come_near(const char *unit) {
        _cleanup_unit_properties_ UnitProperties properties = {};
        _cleanup_free_ char *scope = NULL;
        int r;

        r = unit_properties_take(unit_properties_ask(unit), unit, &properties);
        if (r < 0 || cgroup_is_reached(properties.control_group))
                return r;
        scope = text_format("berth-exec-%d.scope", (int) getpid());
        return scope ? scope_enter(scope, properties.slice, unit) : -ENOMEM;
}

/* A user's container is in a user namespace, from which alone the runtime can reach it. */
static int enter_namespace(const char *stem, pid_t pid) {
        _cleanup_free_ char *unit = NULL;
        int r;

        if (places_scope() == SCOPE_SYSTEM)
                return 0;
        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r >= 0)
                r = come_near(unit);
        if (r >= 0)
                r = user_root_join_process(pid);
        return r == -ESRCH ? -ENOENT : r;
}

int exec_target_open(const char *stem, ExecTarget *ret) {
        pid_t pid;
        int r;

        r = bundle_open(stem, &ret->bundle);
        if (r >= 0)
                r = ret->bundle.fd < 0 ? -ENOENT : effects_get_runtime(&ret->bundle, &ret->runtime);
        if (r >= 0)
                r = exec_target_open_root(stem, &ret->root_fd, &pid);
        if (r >= 0)
                r = enter_namespace(stem, pid);
        if (r >= 0)
                r = user_reach_make_again(&ret->bundle, ret->runtime);
        return r < 0 ? r : bundle_config_get_process(&ret->bundle, &ret->process, &ret->control_group);
}

void exec_target_done(ExecTarget *target) {
        bundle_done(&target->bundle);
        free(target->runtime);
        free(target->control_group);
        json_object_put(target->process);
        fd_close(target->root_fd);
}
