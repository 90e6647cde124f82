/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes on their way from one descriptor to another, as far as both are ready. */
#pragma once

#include <poll.h>

#include "basic/text.h"

enum { FOREGROUND_CHUNK = 4096 }; /* what a pipe that takes something takes at once: PIPE_BUF */

typedef struct ForegroundStream {
        int from, to; /* negative: there is none */
        char data[FOREGROUND_CHUNK];
        size_t size, done;
        bool ended;   /* nothing comes any more, or nobody takes it */
        int error;    /* of writing, negative; 0: none */
} ForegroundStream;

#define FOREGROUND_STREAM_INIT { .from = -EBADF, .to = -EBADF }

/* Returns what has to be waited for. */
struct pollfd foreground_stream_poll(const ForegroundStream *stream);

/* Reads or writes once. What has been read is appended to `copy`, unless that is NULL. */
void foreground_stream_step(ForegroundStream *stream, Text *copy);

/* Returns whether there is something left to be written. */
bool foreground_stream_is_full(const ForegroundStream *stream);
