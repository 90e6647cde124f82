/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes on their way from one descriptor to another, as far as both are ready. One of the two
 * may be our end of a pipe: then whoever has the other end has nothing of the terminal, or the
 * file, that this process reads or writes. */
#pragma once

#include <poll.h>

#include "basic/text.h"

enum { BYTE_STREAM_CHUNK = 4096 }; /* what a pipe that takes something takes at once: PIPE_BUF */

typedef struct ByteStream {
        int from, to; /* negative: there is none */
        enum { BYTE_STREAM_BORROWS, BYTE_STREAM_OWNS_FROM, BYTE_STREAM_OWNS_TO } owned;
        char data[BYTE_STREAM_CHUNK];
        size_t size, done;
        bool ended;   /* nothing comes any more, or nobody takes it */
        int error;    /* of writing, negative; 0: none */
} ByteStream;

#define BYTE_STREAM_INIT { .from = -EBADF, .to = -EBADF }

/* Makes a pipe from which the bytes go to `to`, or into which they come from `from`. Our end is the
 * stream's, and never blocks; the caller closes the other one. Returns 0 or -errno. */
int byte_stream_open_output(ByteStream *stream, int to, int *ret_theirs);
int byte_stream_open_input(ByteStream *stream, int from, int *ret_theirs);

/* Returns what has to be waited for. */
struct pollfd byte_stream_poll(const ByteStream *stream);

/* Reads or writes once. What has been read is appended to `copy`, unless that is NULL. At the
 * end our end of the pipe is closed: the reader is told that nobody writes any more, and the
 * writer that nobody reads. */
void byte_stream_step(ByteStream *stream, Text *copy);

/* Takes what is in a pipe now, or on its way from there, and not what comes meanwhile. Anything
 * to be read at `signal_fd` ends it, as a reader may take nothing for ever. */
void byte_stream_drain(ByteStream *stream, int signal_fd, Text *copy);

void byte_stream_done(ByteStream *stream);
