/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What CheckpointOnStop=yes asks of a container, and of the machine. */
#include "kind/container/container-checkpoint.h"

#include <errno.h>

#include "kind/container/container-id-maps.h"

void container_check_checkpoint(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_CheckpointOnStop);
        const struct {
                bool applies;
                const char *why;
        } obstacles[] = {
                { container->of_user,
                  "of a user's service manager: CRIU needs CAP_CHECKPOINT_RESTORE over the machine, which that does "
                  "not have; make it the system's" },
                { container->pod, "in a pod, whose namespaces are others' as well" },
                { container_runs_systemd(container), "that runs systemd, which CRIU cannot write down" },
                { container_has_user_namespace(container),
                  "with a user namespace, whose devices CRIU cannot write down" },
                { container->pid_ns.kind != NAMESPACE_PRIVATE, "without a PID namespace of its own" },
                { container->cgroups_mode == CGROUPS_DISABLED || container->cgroups_mode == CGROUPS_ENABLED,
                  "whose control group is not its unit's (CgroupsMode=)" },
                { container_is_oneshot(container), "with Type=oneshot, whose start is over when it has ended" },
                { container->log_driver && streq(container->log_driver, "passthrough"),
                  "whose output is a socket of the journal's (LogDriver=passthrough)" },
        };

        for (size_t i = 0; container->checkpoint_on_stop && i < ARRAY_SIZE(obstacles); i++)
                if (obstacles[i].applies)
                        diagnose_error(diagnostics, &where, "\"CheckpointOnStop\" is not for a container %s",
                                       obstacles[i].why);
}

void container_check_criu(const Container *container, int lack, bool is_error, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_CheckpointOnStop);
        const char *what = NULL;

        if (lack == -ENOPKG)
                what = "CRIU; install the package criu";
        else if (lack == -ENOSYS)
                what = "CRIU of version 4 or newer: an older one may not be able to restore what it writes";
        else if (lack == -ELIBACC)
                what = "CRIU that is built with libselinux: this one would restore it without its label";
        else if (lack == -EOPNOTSUPP)
                what = "a runtime that takes checkpoints, and this one was built without CRIU; Runtime=runc may help";
        if (what && is_error)
                diagnose_error(diagnostics, &where, "\"CheckpointOnStop\" needs %s", what);
        else if (what)
                diagnose_warning(diagnostics, &where, "\"CheckpointOnStop\" has no effect: it needs %s", what);
}
