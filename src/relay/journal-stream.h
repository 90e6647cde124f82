/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream to journald, as a service's standard output is one. */
#pragma once

#include <sys/types.h>

/* Connects, to the journal of that namespace ("": the ordinary one), and sends the header. Never
 * blocks. Returns a descriptor or -errno. */
int journal_stream_open(const char *journal_namespace, const char *header);

/* Returns how many bytes of memory are taken by what journald has not read yet; 0: it has read
 * all. */
size_t journal_stream_pending(int fd);

/* Sends all of it under the name of that process. Returns 0, -ESRCH when there is none, -EAGAIN
 * when journald is slow, or another -errno when the stream is dead. */
int journal_stream_send(int fd, const char *data, size_t size, pid_t pid);
