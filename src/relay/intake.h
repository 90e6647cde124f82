/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the relay is told. A message stays in its socket, which is systemd's, until what it says has
 * been done: a relay that is killed before finds it again. */
#pragma once

#include "host/log/log-relay.h"

typedef struct IntakeMessage {
        LogRelayMessage message; /* `text` is three strings, or it is not LOG_RELAY_OPEN */
        pid_t sender;
        int fds[_LOG_STREAM_COUNT]; /* of the pipes that `message.inodes` has, else -EBADF */
        int network_fd;             /* LOG_RELAY_NETWORK's, else -EBADF */
} IntakeMessage;

#define INTAKE_MESSAGE_INIT { .fds = { -EBADF, -EBADF }, .network_fd = -EBADF }

/* Looks at the next message. Returns 1, 0 when there is none now, -EBADMSG when it is one to be
 * thrown away, or another -errno. */
int intake_look(int socket_fd, IntakeMessage *ret);

/* Takes that message out. */
void intake_take(int socket_fd);

void intake_message_done(IntakeMessage *message);
#define _cleanup_intake_message_ _cleanup_(intake_message_done)
