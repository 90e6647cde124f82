/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets below PLACE_FOREGROUND, and messages with descriptors. */
#pragma once

#include "start/foreground/foreground-offer.h"

/* Listens at a name there, in place of a socket that was left; a name is there when somebody
 * listens. `type` is SOCK_SEQPACKET or SOCK_STREAM. Returns an fd or -errno. */
int foreground_listen(const char *name, int type);

/* Connects to it, to wait for an answer for some seconds. Returns an fd; -ENOENT or -ECONNREFUSED
 * when nobody listens; or another -errno. */
int foreground_connect(const char *name);

/* Removes the name; none is fine. */
void foreground_forget(const char *name);

/* Sends a message with up to _FOREGROUND_STREAM_COUNT descriptors. Returns 0 or -errno. */
int foreground_send(int fd, const void *message, size_t size, const int fds[], size_t count);

/* Takes one of that size, with at most so many descriptors; those that are not there are negative.
 * Returns how many there are; -EPIPE at the end; -EBADMSG for another size; or another -errno. */
int foreground_receive(int fd, void *message, size_t size, int ret_fds[], size_t most);

/* Takes a container's terminal from a runtime that has connected, as opencontainers/runc has it in
 * docs/terminals.md. Returns an fd or -errno. */
int foreground_receive_terminal(int fd);
