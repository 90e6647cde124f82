/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Root's place taken by a user: a user namespace of the user's IDs, in which a start of a user's
 * container does what root does for the system's. The kernel lets its root mount, and be any of
 * those IDs; on the machine it remains the user. No process stays for it: the mount namespace that
 * a start makes in there holds it, and that is in the unit's descriptor store. */
#pragma once

#include "config/id-map.h"

/* Enters a new such namespace: its 0 is the user (and the user's group), and from 1 on it has what
 * subuid(5) and subgid(5) give the user, mapped by newuidmap(1) and newgidmap(1). Does nothing for
 * the system's manager, and a second time. Returns 0; 1 when the user has no subordinate IDs, so
 * that 0 is all there is; -ENOPKG when those programs are missing; -EPROTO when one failed (it has
 * said why); or another -errno, see user_root_reason(). */
int user_root_enter(void);

/* Enters the one that another namespace (of mounts, of networks) belongs to. Does nothing for the
 * system's manager. Returns 0 or -errno. */
int user_root_join(int namespace_fd);

/* Enters a new one below that which another namespace belongs to, with the same IDs: who is in the
 * upper one has power over it, and not the other way round. Does nothing for the system's manager,
 * and a second time. Returns 0 or -errno, see user_root_reason(). */
int user_root_enter_below(int namespace_fd);

/* Enters the one that a container runs in, by its first process: what that has made inside does not
 * matter. As above, or -ESRCH when it has ended. */
int user_root_join_process(pid_t pid);

/* Enters the one that a container was started in, by the /proc directory of its first process: the
 * outermost between this process's and that one, or the one right below that which `above_fd`, a
 * namespace of networks, belongs to; -EBADF: there is none. As user_root_join(). */
int user_root_share(int process_fd, int above_fd);

/* Whether this process has entered one. */
bool user_root_is_entered(void);

/* Counts the IDs that such a namespace has: those that are both user and group IDs from 0 on; 0 for
 * the system's manager, whose root has all. Returns 0 or -errno of reading the files. */
int user_root_count_ids(uint32_t *ret);

/* Who this user is on the machine. */
void user_root_own_ids(uint32_t *ret_uid, uint32_t *ret_gid);

/* What an error of user_root_enter() means to the user; NULL when its own text says it. Static. */
const char *user_root_reason(int error);
