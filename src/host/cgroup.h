/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unit's own part of the control group tree (cgroups(7), systemd's CGROUP_DELEGATION
 * document). */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

/* Whether /sys/fs/cgroup is the unified hierarchy, cgroup v2. */
bool cgroup_is_unified(void);

/* Whether the control group of this process has that name, "berth-web.scope". */
bool cgroup_is_named(const char *name);

/* Whether this process is in the control group or one below it. */
bool cgroup_is_ours(const char *control_group);

/* Whether processes of this machine are in groups of version 1 as well. */
bool cgroup_has_v1(void);

/* Whether this process is a part of the unit of that name, whatever slice that is in. */
bool cgroup_is_of_unit(const char *unit_name);

/* Moves this process into the sub-group "supervisor" of the unit's control group, made when
 * missing: processes may be only in leaves, and the group itself must be free for the container's
 * sub-group to get controllers. Returns 0 or -errno. */
int cgroup_enter_supervisor(const char *control_group);

/* Appends which of the files that say a limit ("memory.max") the group has: those of the
 * controllers that are on there. For a look, when the group does not exist, those of the one that
 * it would be in. Returns 0 or -errno. */
int cgroup_list_limits(const char *control_group, StringList *ret);

/* Appends the controllers ("memory") that a group has, "" being the first of all groups: that one
 * has all of the machine's, another those that the group above hands on. Returns 0, -ENOENT when
 * there is no such group, or another -errno. */
int cgroup_list_controllers(const char *control_group, StringList *ret);

/* Hands the container's sub-group "container" to the root of its user namespace, as far as the
 * kernel's list of delegatable files goes, so that it may divide its group further. crun does the
 * same, runc with a systemd of its own only. Without such a group there is nothing to do. Returns 0
 * or -errno. */
int cgroup_delegate(const char *control_group, uid_t uid, gid_t gid);

/* Makes the sub-group `name` of a container's control group, which must not be there, and opens it.
 * Returns its descriptor, or -errno. */
int cgroup_make_part(const char *control_group, const char *name);

/* Kills what is in such a sub-group, waits a second at most for its end, and removes it. Returns 0,
 * also when there is none, or -errno. */
int cgroup_remove_part(const char *control_group, const char *name);

/* For a command of a unit's end, which systemd runs in a group of its own beside it: kills what the
 * unit's main command may have left in "supervisor". With KillMode=mixed systemd does so only when
 * all of these commands have ended, and a runtime that goes on would make anew what they remove.
 * Waits for a second at most. Does nothing elsewhere. */
void cgroup_end_supervisor(void);

/* For the same: kills what an earlier one of these commands has left in that group, and waits for
 * its end for a second at most. Does nothing elsewhere. */
void cgroup_end_others(void);

/* Removes a group, by its path as systemd says it, when no process is left in it and no group below
 * it. Returns 1, also when there is none; 0 when it is in use; or -errno. */
int cgroup_remove_unused(const char *control_group);

/* Removes such a sub-group unless there is something in it. */
void cgroup_remove_empty_part(const char *control_group, const char *name);

/* Whether this process may be moved below the control group: the kernel wants who does it to be
 * able to write in the nearest group above both. */
bool cgroup_is_reached(const char *control_group);

/* Has all processes of the group stop, or go on. Returns 0 or -errno. */
int cgroup_freeze(int group_fd, bool freeze);

/* Sends a signal to each process of the group. */
void cgroup_signal(int group_fd, int number);

/* Kills all processes of the group. Returns 0 or -errno. */
int cgroup_kill(int group_fd);
