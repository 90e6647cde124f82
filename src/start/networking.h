/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's networks at its start: addresses, ports, and the network namespace. */
#pragma once

#include "host/bundle.h"
#include "host/log/log-relay.h"
#include "kind/container/container.h"
#include "network/attachment.h"
#include "start/checkpoint/former.h"
#include "start/user-mode/user-mode-start.h"

/* What the container will be on. */
typedef struct Networking {
        Attachments attachments; /* none: it is on no network of ours */
        int namespace_fd;        /* a namespace with all of it; -EBADF: none yet */
        /* What it goes on from, whose addresses it is to have again; borrowed, NULL: it is new. */
        const Former *former;
} Networking;

#define NETWORKING_INIT { .namespace_fd = -EBADF }

/* Leases the addresses that the container is to have, reserves its ports and has them lead to it,
 * and makes a network namespace with its interfaces, or makes these in the one that `ret` has,
 * unless `later`: then the namespace will be the runtime's. What cannot be had is in `diagnostics`
 * at its place. Where it goes on with connections, nothing gets in until networking_finish().
 * Returns 0, -EREPORTED with a diagnostic, or another -errno. `ret` is to be released. */
int networking_prepare(const Container *container, const Bundle *bundle, bool later, Diagnostics *diagnostics,
                       Networking *ret);

/* Sees, in a user's start that is in no user namespace yet, to what networking_finish() will need
 * from outside of that. Returns 0 or -errno. */
int networking_expect(const Bundle *bundle);

/* Starts the program that is the network of a container which is about to be created, where nothing
 * would notice that it is there already. As user_mode_begin(). */
int networking_begin(const Bundle *bundle, UserModeBegun *ret);

/* Makes the interfaces in the namespace of `pid`, a container that was created but not started, or
 * was restored, when networking_prepare() has left that, or runs the program that is its network,
 * or waits for it when it has begun; and lets in what was kept out. `output` is the container's.
 * Returns 1, 0 when there was nothing to do, or as user_mode_start(). */
int networking_finish(const Bundle *bundle, const char *unit_name, pid_t pid, UserModeBegun *begun,
                      const LogPipes *output);

void networking_done(Networking *networking);
#define _cleanup_networking_ _cleanup_(networking_done)
