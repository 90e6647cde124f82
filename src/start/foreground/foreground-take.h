/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a unit's command has of a berth run that waits. */
#pragma once

#include "host/bundle.h"
#include "start/foreground/foreground-offer.h"

/* The streams, and where to say more. */
typedef struct ForegroundStreams {
        int connection_fd;
        int fds[_FOREGROUND_STREAM_COUNT];
        ForegroundOffer offer;
} ForegroundStreams;

#define FOREGROUND_STREAMS_INIT { .connection_fd = -EBADF, .fds = { -EBADF, -EBADF, -EBADF } }

/* Asks for them, for the container of the bundle. Pipes become `uid`'s and `gid`'s: who opens one
 * by name needs the right to. Returns 1; 0 when nobody waits, or does not answer; or -errno. */
int foreground_take(const Bundle *bundle, uid_t uid, gid_t gid, ForegroundStreams *ret);

/* Says that the container is there, and which process is its first. That nobody listens any more
 * does not matter. */
void foreground_tell(const ForegroundStreams *streams, int pidfd);

void foreground_streams_done(ForegroundStreams *streams);
#define _cleanup_foreground_streams_ _cleanup_(foreground_streams_done)
