/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes on their way. */
#include "start/foreground/foreground-stream.h"

#include <errno.h>
#include <unistd.h>

bool foreground_stream_is_full(const ForegroundStream *stream) {
        return !stream->ended && stream->done < stream->size;
}

struct pollfd foreground_stream_poll(const ForegroundStream *stream) {
        if (stream->ended || stream->from < 0 || stream->to < 0)
                return (struct pollfd) { .fd = -1 };
        return foreground_stream_is_full(stream) ? (struct pollfd) { .fd = stream->to, .events = POLLOUT }
                                                 : (struct pollfd) { .fd = stream->from, .events = POLLIN };
}

/* A terminal whose other end is gone is EIO. */
static void step_in(ForegroundStream *stream, Text *copy) {
        ssize_t n = read(stream->from, stream->data, sizeof(stream->data));

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0) {
                stream->ended = true;
                return;
        }
        stream->size = (size_t) n;
        stream->done = 0;
        if (copy)
                text_append_n(copy, stream->data, stream->size);
}

void foreground_stream_step(ForegroundStream *stream, Text *copy) {
        ssize_t n;

        if (!foreground_stream_is_full(stream)) {
                step_in(stream, copy);
                return;
        }
        n = write(stream->to, stream->data + stream->done, stream->size - stream->done);
        if (n >= 0)
                stream->done += (size_t) n;
        else if (errno != EAGAIN && errno != EINTR) {
                stream->error = -errno;
                stream->ended = true;
        }
}
