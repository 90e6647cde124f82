/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "basic/byte-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "basic/alloc.h"

/* Only our own end: the two do not share that flag. */
static int make_pipe(int ours, int fds[2]) {
        _cleanup_close_ int read_end = -EBADF, write_end = -EBADF;
        int r = pipe_open(&read_end, &write_end);

        if (r < 0)
                return r;
        if (fcntl(ours == 0 ? read_end : write_end, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        fds[0] = TAKE_FD(read_end);
        fds[1] = TAKE_FD(write_end);
        return 0;
}

int byte_stream_open_output(ByteStream *stream, int to, int *ret_theirs) {
        int ends[2], r = make_pipe(0, ends);

        if (r < 0)
                return r;
        *stream = (ByteStream) { .from = ends[0], .to = to, .owned = BYTE_STREAM_OWNS_FROM };
        *ret_theirs = ends[1];
        return 0;
}

int byte_stream_open_input(ByteStream *stream, int from, int *ret_theirs) {
        int ends[2], r = make_pipe(1, ends);

        if (r < 0)
                return r;
        *stream = (ByteStream) { .from = from, .to = ends[1], .owned = BYTE_STREAM_OWNS_TO };
        *ret_theirs = ends[0];
        return 0;
}

static bool is_full(const ByteStream *stream) {
        return !stream->ended && stream->done < stream->size;
}

struct pollfd byte_stream_poll(const ByteStream *stream) {
        if (stream->ended || stream->from < 0 || stream->to < 0)
                return (struct pollfd) { .fd = -1 };
        return is_full(stream) ? (struct pollfd) { .fd = stream->to, .events = POLLOUT }
                               : (struct pollfd) { .fd = stream->from, .events = POLLIN };
}

/* A terminal whose other end is gone is EIO. */
static void step_in(ByteStream *stream, Text *copy) {
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

static void step_out(ByteStream *stream) {
        ssize_t n = write(stream->to, stream->data + stream->done, stream->size - stream->done);

        if (n >= 0)
                stream->done += (size_t) n;
        else if (errno != EAGAIN && errno != EINTR) {
                stream->error = -errno;
                stream->ended = true;
        }
}

void byte_stream_step(ByteStream *stream, Text *copy) {
        if (is_full(stream))
                step_out(stream);
        else
                step_in(stream, copy);
        if (stream->ended)
                byte_stream_done(stream);
}

/* Of a pipe, what is in there now: others may go on to write. */
static size_t count_rest(const ByteStream *stream) {
        int n;

        return stream->owned == BYTE_STREAM_OWNS_FROM && ioctl(stream->from, FIONREAD, &n) >= 0 ? (size_t) n : SIZE_MAX;
}

void byte_stream_drain(ByteStream *stream, int signal_fd, Text *copy) {
        size_t rest = count_rest(stream);

        while (!stream->ended && stream->from >= 0) {
                struct pollfd fds[] = { byte_stream_poll(stream), { .fd = signal_fd, .events = POLLIN } };
                bool full = is_full(stream);

                if (!full && rest == 0)
                        return;
                /* What is empty now is at its end. */
                if (poll(fds, ARRAY_SIZE(fds), full ? -1 : 0) < 0 && errno != EINTR)
                        return;
                if (fds[1].revents || (!fds[0].revents && !full))
                        return;
                if (fds[0].revents)
                        byte_stream_step(stream, copy);
                if (!full && is_full(stream))
                        rest -= stream->size < rest ? stream->size : rest;
        }
}

void byte_stream_done(ByteStream *stream) {
        if (stream->owned == BYTE_STREAM_OWNS_FROM)
                stream->from = fd_close(stream->from);
        else if (stream->owned == BYTE_STREAM_OWNS_TO)
                stream->to = fd_close(stream->to);
}
