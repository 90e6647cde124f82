/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unit's own part of the control group tree (cgroups(7), systemd's CGROUP_DELEGATION document). */
#pragma once

#include "basic/alloc.h"

/* Whether /sys/fs/cgroup is the unified hierarchy, cgroup v2. */
bool cgroup_is_unified(void);

/* Whether this process is in the control group or one below it. */
bool cgroup_is_ours(const char *control_group);

/* Moves this process into the sub-group "supervisor" of the unit's control group, made when missing: processes may be only in leaves, and the group
 * itself must be free for the container's sub-group to get controllers. Returns 0 or -errno. */
int cgroup_enter_supervisor(const char *control_group);
