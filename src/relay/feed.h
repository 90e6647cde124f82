/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's output on its way: from two pipes to two streams of journald, or two sockets for
 * messages to it. */
#pragma once

#include "relay/intake.h"
#include "relay/pipes.h"
#include "relay/table.h"

typedef struct Feed Feed;

enum { FEED_NETWORK = _LOG_STREAM_COUNT };

typedef struct Stream {
        Feed *feed;
        unsigned number;     /* LOG_STDOUT, LOG_STDERR; FEED_NETWORK */
        int pipe_fd;         /* -EBADF: there is none, or it has ended */
        int journal_fd;      /* -EBADF until there is something to send */
        bool queued;
        struct Stream *next; /* in the queue of those that may have something to do */
} Stream;

struct Feed {
        Slot *slot;
        int pidfd; /* of the slot's process */
        Stream streams[_LOG_STREAM_COUNT];
        Stream network; /* instead of a pipe a pidfd, of the program that is the container's network */
};

/* What all feeds use. */
typedef struct FeedContext {
        Table *table;
        Pipes pipes;
        int epoll_fd; /* its events carry a Stream */
        bool of_user; /* user-journal.h instead of journal-stream.h */
} FeedContext;

typedef enum Turn {
        TURN_IDLE,  /* there will be an event when there is something to do */
        TURN_MORE,  /* there may be more at once */
        TURN_LATER, /* the journal cannot be had now */
        TURN_ENDED, /* nobody can write any more, and all is sent */
} Turn;

/* Makes a feed of the slot, without pipes. Returns NULL when memory is short. */
Feed *feed_new(Slot *slot);

/* Gives it one of its pipes and has it watched; owns the descriptor from then on, also on failure.
 * Returns 0 or -errno. */
int feed_add_pipe(const FeedContext *context, Feed *feed, unsigned stream, int fd);

/* Gives it a stream to the journal that has been in use before. As above. */
int feed_add_journal(const FeedContext *context, Feed *feed, unsigned stream, int fd);

/* Has it end with that program. As above. */
int feed_add_network(const FeedContext *context, Feed *feed, int pidfd);

/* Has that program end with the slot's process, with which the whole container does. Does nothing
 * where there is no such program. Returns 0 or -errno. */
int feed_watch_main(const FeedContext *context, Feed *feed);

/* Ends the slot's process, unless it has: the program that was its network has ended. */
void feed_end_main(const Feed *feed);

/* Holds on to the slot's process, so that its number cannot come to mean another one. `known` says
 * that it is certainly that one still. */
void feed_pin_process(Feed *feed, bool known);

/* Does a turn for one stream: sends at most one batch, of whole lines if it has any. Never
 * waits. */
Turn stream_turn(FeedContext *context, Stream *stream);

/* Ends a stream. Returns whether it was the feed's last. */
bool stream_end(const FeedContext *context, Stream *stream);

/* Frees the memory and descriptors; the slot stays. */
Feed *feed_free(Feed *feed);
