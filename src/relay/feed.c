/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's output on its way. The pipe holds what is not sent yet, an unfinished line for
 * instance; nothing of it is kept here. */
#include "relay/feed.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <time.h>

#include "basic/alloc.h"
#include "basic/log.h"
#include "relay/ghost.h"
#include "relay/journal-stream.h"
#include "relay/kept.h"
#include "relay/user-journal.h"

Feed *feed_new(Slot *slot) {
        Feed *feed = calloc(1, sizeof(*feed));

        if (!feed)
                return NULL;
        feed->slot = slot;
        feed->pidfd = -EBADF;
        for (unsigned i = 0; i < _LOG_STREAM_COUNT; i++)
                feed->streams[i] = (Stream) { .feed = feed, .number = i, .pipe_fd = -EBADF, .journal_fd = -EBADF };
        feed->network = (Stream) { .feed = feed, .number = FEED_NETWORK, .pipe_fd = -EBADF, .journal_fd = -EBADF };
        return feed;
}

static int watch(const FeedContext *context, Stream *stream, int fd, uint32_t events) {
        struct epoll_event event = { .events = events | EPOLLET, .data.ptr = stream };

        return epoll_ctl(context->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Not left to close(): others have the same pipe open, systemd for one. */
static int unwatch_and_close(const FeedContext *context, int fd) {
        if (fd >= 0)
                (void) epoll_ctl(context->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return fd_close(fd);
}

int feed_add_pipe(const FeedContext *context, Feed *feed, unsigned stream, int fd) {
        feed->streams[stream].pipe_fd = fd;
        return watch(context, &feed->streams[stream], fd, EPOLLIN);
}

int feed_add_journal(const FeedContext *context, Feed *feed, unsigned stream, int fd) {
        feed->streams[stream].journal_fd = fd;
        return watch(context, &feed->streams[stream], fd, EPOLLOUT);
}

int feed_add_network(const FeedContext *context, Feed *feed, int pidfd) {
        feed->network.pipe_fd = pidfd;
        return watch(context, &feed->network, pidfd, EPOLLIN);
}

int feed_watch_main(const FeedContext *context, Feed *feed) {
        return feed->pidfd < 0 || feed->network.pipe_fd < 0 ? 0 : watch(context, &feed->network, feed->pidfd, EPOLLIN);
}

void feed_pin_process(Feed *feed, bool known) {
        fd_close(feed->pidfd);
        feed->pidfd = pidfd_open(feed->slot->pid, 0);
        if (feed->pidfd >= 0 && !known && !slot_pid_is_same(feed->slot))
                feed->pidfd = fd_close(feed->pidfd);
}

/* A process that has ended, but is not waited for yet, can be named. */
static bool process_exists(const Feed *feed) {
        return feed->pidfd >= 0 && (pidfd_send_signal(feed->pidfd, 0, NULL, 0) == 0 || errno == EPERM);
}

static uint64_t now_usec(void) {
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static int send_as(FeedContext *context, const Stream *stream, size_t size, pid_t pid) {
        int r;

        intent_set(context->table, &(Intent) {
                .id = stream->feed->slot->id,
                .stream = stream->number,
                .size = (uint32_t) size,
                .pid = pid,
                .since_usec = now_usec(),
        });
        r = journal_stream_send(stream->journal_fd, context->pipes.batch, size, pid);
        if (r < 0)
                intent_clear(context->table);
        return r;
}

static int send_stream(FeedContext *context, const Stream *stream, size_t size) {
        const Feed *feed = stream->feed;
        _cleanup_ghost_ Ghost ghost = {};
        int r = process_exists(feed) ? send_as(context, stream, size, feed->slot->pid) : -ESRCH;

        if (r == -ESRCH) {
                r = ghost_raise(&ghost);
                if (r >= 0)
                        r = send_as(context, stream, size, ghost.pid);
        }
        return r < 0 ? r : (int) size;
}

/* Line by line, each of which is counted when it has been sent. */
static int send_messages(FeedContext *context, const Stream *stream, size_t size) {
        const Slot *slot = stream->feed->slot;
        Intent *intent = &context->table->intent;
        int r;

        intent_set(context->table, &(Intent) { .id = slot->id, .stream = stream->number });
        r = user_journal_send(stream->journal_fd, slot_header(slot, stream->number), context->pipes.batch, size,
                              &intent->size);
        if (intent->size > 0)
                return (int) intent->size;
        intent_clear(context->table);
        return r;
}

/* Returns how much of it was sent, or -errno. */
static int send_batch(FeedContext *context, const Stream *stream, size_t size) {
        return context->of_user ? send_messages(context, stream, size) : send_stream(context, stream, size);
}

/* The next relay goes on with the same stream: on one of its own its lines could overtake those
 * that journald has still to read here. Messages of whatever socket come to it in one row. */
static int connect_journal(const FeedContext *context, Stream *stream) {
        const Slot *slot = stream->feed->slot;
        int fd;

        if (stream->journal_fd >= 0)
                return 0;
        fd = context->of_user ? user_journal_open()
                              : journal_stream_open(slot_namespace(slot), slot_header(slot, stream->number));
        if (fd < 0)
                return fd;
        if (!context->of_user)
                kept_put_journal(slot->id, stream->number, fd);
        return feed_add_journal(context, stream->feed, stream->number, fd);
}

/* journald ends a line at a NUL as well. */
static size_t whole_lines(const char *batch, size_t size) {
        while (size > 0 && batch[size - 1] != '\n' && batch[size - 1] != '\0')
                size--;
        return size;
}

/* How much of the pipe is to be sent now. Returns 0 when there is nothing, which is the end if
 * `ret_ended`, or -errno. */
static int choose_batch(FeedContext *context, const Stream *stream, bool *ret_ended) {
        /* Whoever ends now may have written before; so this question comes first. */
        bool ended = pipe_has_ended(stream->pipe_fd), full = false;
        int n = pipes_look(&context->pipes, stream->pipe_fd, &full);
        size_t size = n > 0 ? whole_lines(context->pipes.batch, (size_t) n) : 0;

        *ret_ended = ended && n == 0;
        if (n <= 0 || size > 0)
                return n < 0 ? n : (int) size;
        /* A line that is never finished, or is so long that journald will part it. */
        return ended || full || n == BATCH_MOST ? n : 0;
}

static int spend(FeedContext *context, const Stream *stream, size_t size) {
        int r = pipes_spend(&context->pipes, stream->pipe_fd, size);

        intent_clear(context->table);
        return r < 0 ? r : pipes_forget(&context->pipes);
}

static bool has_ended(int pidfd) {
        return poll(&(struct pollfd) { .fd = pidfd, .events = POLLIN }, 1, 0) > 0;
}

/* As one of the container's own lines: it is what its end was for. */
static void say(const Feed *feed, const char *line) {
        _cleanup_close_ int fd = user_journal_open();
        const char *header = slot_header(feed->slot, LOG_STDERR);
        uint32_t sent = 0;

        if (fd >= 0)
                (void) user_journal_send(fd, *header ? header : slot_header(feed->slot, LOG_STDOUT), line,
                                         strlen(line), &sent);
}

/* The user's own user namespace is above the container's, and so it may be killed whoever it is
 * there. */
static void kill_main(const Feed *feed) {
        say(feed, "the program that is the network of this container has ended, and so it is killed");
        if (pidfd_send_signal(feed->pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
                log_error_errno(-errno, "Failed to kill process %d, which has no network any more: %m",
                                (int) feed->slot->pid);
}

void feed_end_main(const Feed *feed) {
        if (feed->pidfd >= 0 && !has_ended(feed->pidfd))
                kill_main(feed);
}

/* Whichever of the two ends first, the other has no use any more. The program's end takes the
 * kernel long, and comes about while systemd is still starting what cleans up. */
static Turn end_with_network(const Feed *feed) {
        if (has_ended(feed->network.pipe_fd)) {
                feed_end_main(feed);
                return TURN_ENDED;
        }
        if (feed->pidfd >= 0 && has_ended(feed->pidfd))
                (void) pidfd_send_signal(feed->network.pipe_fd, SIGKILL, NULL, 0);
        return TURN_IDLE;
}

Turn stream_turn(FeedContext *context, Stream *stream) {
        bool ended;
        int n, r;

        if (stream->pipe_fd < 0)
                return TURN_IDLE;
        if (stream->number == FEED_NETWORK)
                return end_with_network(stream->feed);
        /* One batch at a time: nobody can fill the journal's queue, and what the batch before was
         * is settled when this one is noted. */
        if (stream->journal_fd >= 0 && journal_stream_pending(stream->journal_fd) > 0)
                return TURN_IDLE;
        n = choose_batch(context, stream, &ended);
        if (n == 0)
                return ended ? TURN_ENDED : TURN_IDLE;
        r = n < 0 ? n : connect_journal(context, stream);
        if (r >= 0)
                r = n = send_batch(context, stream, (size_t) n);
        if (r == -EAGAIN)
                return TURN_LATER;
        if (r < 0) {
                stream->journal_fd = unwatch_and_close(context, stream->journal_fd);
                return TURN_LATER;
        }
        r = spend(context, stream, (size_t) n);
        if (r < 0)
                log_error_errno(r, "Failed to take %d bytes that were sent out of a pipe: %m", n);
        return TURN_MORE;
}

bool stream_end(const FeedContext *context, Stream *stream) {
        if (stream->journal_fd >= 0 && !context->of_user)
                kept_drop_journal(stream->feed->slot->id, stream->number);
        if (stream->number == FEED_NETWORK)
                table_forget_network(context->table, stream->feed->slot);
        /* No event may come for it any more. */
        if (stream->number == FEED_NETWORK && stream->feed->pidfd >= 0)
                (void) epoll_ctl(context->epoll_fd, EPOLL_CTL_DEL, stream->feed->pidfd, NULL);
        stream->pipe_fd = unwatch_and_close(context, stream->pipe_fd);
        stream->journal_fd = unwatch_and_close(context, stream->journal_fd);
        for (size_t i = 0; i < _LOG_STREAM_COUNT; i++)
                if (stream->feed->streams[i].pipe_fd >= 0)
                        return false;
        return stream->feed->network.pipe_fd < 0;
}

Feed *feed_free(Feed *feed) {
        if (!feed)
                return NULL;
        for (size_t i = 0; i < _LOG_STREAM_COUNT; i++) {
                fd_close(feed->streams[i].pipe_fd);
                fd_close(feed->streams[i].journal_fd);
        }
        fd_close(feed->network.pipe_fd);
        fd_close(feed->pidfd);
        free(feed);
        return NULL;
}
