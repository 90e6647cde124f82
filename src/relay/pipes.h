/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking batches out of the containers' pipes so that a kill at any point loses and doubles
 * nothing: a batch is looked at, sent, and only then moved, by the kernel and in one step, into a
 * pipe of what is spent, which outlives the relay in its descriptor store. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { BATCH_MOST = 64 * 1024 };

typedef struct Pipes {
        int look_fds[2];  /* read and write end of a pipe that holds a second view of a batch */
        int spent_fds[2]; /* what has been sent; is empty but for an instant */
        int null_fd;
        char *batch;      /* BATCH_MOST bytes */
} Pipes;

#define PIPES_INIT { .look_fds = { -EBADF, -EBADF }, .spent_fds = { -EBADF, -EBADF }, .null_fd = -EBADF }

/* Makes all but `spent_fds`. Returns 0 or -errno. */
int pipes_init(Pipes *pipes);

/* Makes `spent_fds`. Returns 0 or -errno. */
int pipes_make_spent(Pipes *pipes);

/* Whether nobody can write to the pipe any more. */
bool pipe_has_ended(int fd);

/* Looks at the first bytes of a container's pipe, which stay there, into `batch`. `ret_full` says
 * that no more than these may ever fit into the pipe. Returns their number, 0 when the pipe is
 * empty, or -errno. */
int pipes_look(Pipes *pipes, int fd, bool *ret_full);

/* Moves the first `size` bytes of the pipe, less what is there already, to what is spent. Returns 0
 * or -errno. */
int pipes_spend(Pipes *pipes, int fd, size_t size);

/* Returns how much is there of what is spent, or -errno. */
int pipes_spent(const Pipes *pipes);

/* Throws away what is spent. Returns 0 or -errno. */
int pipes_forget(Pipes *pipes);

void pipes_done(Pipes *pipes);
