/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another container, whose namespaces one joins: it is what its unit's first process is in. */
#pragma once

#include <sys/types.h>

#include "kind/container/container.h"

typedef struct Peer {
        const char *stem; /* borrowed */
        pid_t pid;
        int fd; /* of its first process's directory in /proc, which never becomes another's */
} Peer;

#define PEER_INIT { .fd = -EBADF }

/* Finds the container that `namespace` names, which has to run: its unit's main process is pinned
 * by a pidfd, so that a recycled process ID, or a berth-helper that has yet to create the
 * container, is never taken for it. Returns 0 with what the caller releases; -EREPORTED with a
 * diagnostic; or another -errno. */
int peer_open(const Namespace *namespace, Diagnostics *diagnostics, Peer *ret);

/* Enters, in a user's start, the user namespace that the container joined by `container` was
 * started in, for only there can its namespaces be joined; peer_open() has it from then on without
 * asking systemd. Returns 1; 0 when there is none to join, or for the system's manager; and as
 * above. */
int peer_enter_user_root(const Container *container, Diagnostics *diagnostics);

void peer_done(Peer *peer);
