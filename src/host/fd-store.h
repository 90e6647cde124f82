/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our unit's file descriptor store (systemd.service(5), FileDescriptorStoreMax=): what one command
 * of the unit opens, a later one gets. systemd closes what is in there when the unit stops or
 * fails, whatever has killed us. */
#pragma once

#include <stddef.h>

#include "basic/string-list.h"

/* Every name of ours begins so; what is passed under another name is a socket for the payload. */
#define FD_STORE_PREFIX "berth-"

enum { PASSED_FDS_FIRST = 3 /* sd_listen_fds(3) */ };

/* Puts copies of the descriptors into the store, in place of all that has the name there. Returns
 * 0, -ENOTCONN without systemd, -E2BIG for more than 253, or another -errno. */
int fd_store_put(const char *name, const int fds[], size_t count);

/* Takes all that has the name out of the store; nothing there is fine. As above. */
int fd_store_remove(const char *name);

/* Descriptors that systemd has passed to this process. */
typedef struct PassedFds {
        StringList names;    /* in the order of the descriptors, from PASSED_FDS_FIRST on */
        size_t socket_count; /* those for the payload, its own from an earlier life among them; they come first */
} PassedFds;

/* Finds out what was passed, and sees to it that no program which this process runs gets what is
 * ours. To be called once, before anything is opened. Returns 0, -EPROTO when the environment does
 * not fit what there is, or another -errno. */
int fd_store_receive(PassedFds *ret);

/* Returns the descriptor of that name, which stays the store's, or -ENOENT. */
int fd_store_find(const PassedFds *passed, const char *name);

/* Closes what is ours of them and takes it out of the store, for a command that makes all of it
 * anew; what it has to bind to must not be held by itself. */
void fd_store_drop(PassedFds *passed);

/* Finds a namespace that the manager has in its descriptor stores, by its name in /proc
 * ("mnt:[4026532001]"), for those who are not of the unit that it is the store of: they can open
 * what the manager has open, a user's while they are in no user namespace of their own.
 * Returns a descriptor of their own, -ENOENT when there is none, or another -errno. */
int fd_store_find_namespace(const char *name);

void passed_fds_done(PassedFds *passed);
#define _cleanup_passed_fds_ _cleanup_(passed_fds_done)
