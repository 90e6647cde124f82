/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth-log: passes on what all containers write, from their pipes to the journal. One process for
 * the machine, or for a user's containers, which does a little for each in turn, and may be killed
 * at any point: what it must not forget is in the descriptor store of its unit. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/log.h"
#include "host/fd-store.h"
#include "host/payload.h"
#include "relay/feed.h"
#include "relay/journal-stream.h"
#include "relay/kept.h"
#include "relay/recovery.h"

#define INTAKE_NAME FD_STORE_PREFIX "intake" /* berth-log.socket */

enum {
        EVENTS_AT_ONCE = 64,
        MESSAGES_AT_ONCE = 16,
        RETRY_MSEC = 50,
        IDLE_MSEC = 60 * 1000, /* without containers nothing is gained by staying */
        IDLE_OF_USER_MSEC = 500,
        LAST_MSEC = 20,        /* on a stop: whoever has not come by then has nothing to say */
        LAST_ROUNDS = 200,
};

typedef struct Relay {
        FeedContext context;
        int intake_fd;
        Feed *feeds[TABLE_SLOTS_MOST]; /* in the order of the slots */
        size_t feed_count;
        bool full;                     /* a message waits for the end of a feed */
        Stream *first, **last;         /* those that may have something to do */
} Relay;

static volatile sig_atomic_t told_to_stop;

static void note_stop(int number _unused_) {
        told_to_stop = 1;
}

static int watch_intake(const Relay *relay, int operation, uint32_t events) {
        struct epoll_event event = { .events = events };

        return epoll_ctl(relay->context.epoll_fd, operation, relay->intake_fd, &event) < 0 ? -errno : 0;
}

static void queue(Relay *relay, Stream *stream) {
        if (stream->queued)
                return;
        stream->queued = true;
        stream->next = NULL;
        *relay->last = stream;
        relay->last = &stream->next;
}

static Stream *take_first(Relay *relay) {
        Stream *stream = relay->first;

        relay->first = stream->next;
        if (!relay->first)
                relay->last = &relay->first;
        stream->queued = false;
        return stream;
}

/* --- feeds */

static Feed *add_feed(Relay *relay, Slot *slot) {
        Feed **feed = &relay->feeds[slot - relay->context.table->slots];

        if (!*feed) {
                *feed = feed_new(slot);
                relay->feed_count += *feed != NULL;
        }
        return *feed;
}

static void end_feed(Relay *relay, Feed *feed) {
        Slot *slot = feed->slot;
        uint64_t id = slot->id;

        relay->feeds[slot - relay->context.table->slots] = feed_free(feed);
        relay->feed_count--;
        slot_free(slot);
        kept_drop_pipes(id);
        if (relay->full)
                relay->full = watch_intake(relay, EPOLL_CTL_MOD, EPOLLIN) < 0;
}

static int open_feed(Relay *relay, IntakeMessage *message) {
        Slot *slot = table_find(relay->context.table, message->message.inodes);
        int fds[_LOG_STREAM_COUNT], r = 0;
        size_t count = 0;
        Feed *feed;

        /* The relay before this one has been killed just after it had done it. */
        if (slot)
                return 0;
        slot = table_add(relay->context.table, &message->message, message->sender);
        feed = slot ? add_feed(relay, slot) : NULL;
        if (!feed)
                return slot ? -ENOMEM : -ENOSPC;
        for (size_t i = 0; i < _LOG_STREAM_COUNT; i++)
                if (message->fds[i] >= 0)
                        fds[count++] = message->fds[i];
        kept_put_pipes(slot->id, fds, count);
        feed_pin_process(feed, true);
        for (unsigned i = 0; i < _LOG_STREAM_COUNT && r >= 0; i++)
                if (message->fds[i] >= 0)
                        r = feed_add_pipe(&relay->context, feed, i, TAKE_FD(message->fds[i]));
        return r;
}

/* Others may outlive the first process in a PID namespace that is not the container's own, and need
 * the network. A relay that goes on does not know whose process it has, and leaves it to whoever
 * cleans up. */
static int set_main(Relay *relay, const LogRelayMessage *message) {
        Slot *slot = table_find(relay->context.table, message->inodes);
        Feed *feed = slot ? relay->feeds[slot - relay->context.table->slots] : NULL;

        if (!feed)
                return 0;
        slot_set_pid(slot, message->pid);
        feed_pin_process(feed, true);
        return payload_is_first(message->pid) > 0 ? feed_watch_main(&relay->context, feed) : 0;
}

static int watch_network(Relay *relay, IntakeMessage *message) {
        Slot *slot = table_find(relay->context.table, message->message.inodes);
        Feed *feed = slot ? relay->feeds[slot - relay->context.table->slots] : NULL;

        /* As above. */
        if (!feed || feed->network.pipe_fd >= 0)
                return 0;
        table_set_network(relay->context.table, slot, message->network_fd);
        return feed_add_network(&relay->context, feed, TAKE_FD(message->network_fd));
}

static void take_messages(Relay *relay) {
        for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
                _cleanup_intake_message_ IntakeMessage message = INTAKE_MESSAGE_INIT;
                int r = intake_look(relay->intake_fd, &message);

                if (r == 0)
                        return;
                if (r > 0 && message.message.verb == LOG_RELAY_OPEN)
                        r = open_feed(relay, &message);
                else if (r > 0 && message.message.verb == LOG_RELAY_NETWORK)
                        r = watch_network(relay, &message);
                else if (r > 0)
                        r = set_main(relay, &message.message);
                if (r == -ENOSPC) {
                        /* Its pipes stay where they are, for without them its container would be
                         * killed as it writes. */
                        log_warning("There are %d containers: the output of the next waits until one ends",
                                    TABLE_SLOTS_MOST);
                        relay->full = watch_intake(relay, EPOLL_CTL_MOD, 0) >= 0;
                        return;
                }
                if (r < 0)
                        log_error_errno(r, "Failed to do what process %d asks for: %m", (int) message.sender);
                intake_take(relay->intake_fd);
        }
}

/* Gives each a turn that is in the queue now. Returns whether some are there that need not wait. */
static bool take_turns(Relay *relay) {
        Stream **end = relay->last;
        bool more = false;

        for (bool done = !relay->first; !done;) {
                Stream *stream = relay->first;
                Turn turn;

                done = &stream->next == end;
                turn = stream_turn(&relay->context, take_first(relay));
                more = more || turn == TURN_MORE;
                if (turn == TURN_MORE || turn == TURN_LATER)
                        queue(relay, stream);
                else if (turn == TURN_ENDED && stream_end(&relay->context, stream))
                        end_feed(relay, stream->feed);
        }
        return more;
}

static int choose_timeout(const Relay *relay, bool more) {
        if (more)
                return 0;
        if (told_to_stop)
                return LAST_MSEC;
        if (relay->first)
                return RETRY_MSEC;
        return relay->feed_count > 0 ? -1 : relay->context.of_user ? IDLE_OF_USER_MSEC : IDLE_MSEC;
}

/* Until there is nothing to do for long, or a stop is wanted, which waits for the last lines of
 * containers that have just ended. */
static int serve(Relay *relay, const sigset_t *while_waiting) {
        struct epoll_event events[EVENTS_AT_ONCE];
        bool more = false;

        for (int last = 0; last < LAST_ROUNDS; last += told_to_stop) {
                int timeout = choose_timeout(relay, more);
                int n = epoll_pwait(relay->context.epoll_fd, events, EVENTS_AT_ONCE, timeout, while_waiting);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0 && (timeout == IDLE_MSEC || timeout == IDLE_OF_USER_MSEC || timeout == LAST_MSEC))
                        break;
                for (int i = 0; i < n; i++)
                        if (events[i].data.ptr)
                                queue(relay, events[i].data.ptr);
                        else
                                take_messages(relay);
                more = take_turns(relay);
        }
        return 0;
}

/* --- going on */

static bool is_write_end(int fd) {
        return (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
}

static Slot *find_slot(Table *table, uint64_t id) {
        for (size_t i = 0; i < table->slot_count && id != 0; i++)
                if (table->slots[i].id == id)
                        return &table->slots[i];
        return NULL;
}

/* What an older relay had kept as a descriptor for a user, which costs the manager a fork when it
 * is closed. */
static void take_over(Relay *relay, const Slot *slot, unsigned stream, int fd) {
        if (stream == FEED_NETWORK)
                table_set_network(relay->context.table, slot, fd);
        kept_drop_journal(slot->id, stream);
}

/* Owns the descriptor. */
static int restore_descriptor(Relay *relay, Slot *slot, int journal_stream, int fd) {
        _cleanup_close_ int owned = fd;
        struct stat st;
        Feed *feed = add_feed(relay, slot);

        if (!feed)
                return -ENOMEM;
        if (journal_stream >= 0 && relay->context.of_user) {
                take_over(relay, slot, (unsigned) journal_stream, fd);
                return 0;
        }
        if (journal_stream >= 0 && journal_stream < _LOG_STREAM_COUNT && feed->streams[journal_stream].journal_fd < 0)
                return feed_add_journal(&relay->context, feed, (unsigned) journal_stream, TAKE_FD(owned));
        if (fstat(fd, &st) < 0)
                return -errno;
        for (unsigned i = 0; i < _LOG_STREAM_COUNT; i++)
                if (slot->inodes[i] == st.st_ino && feed->streams[i].pipe_fd < 0)
                        return feed_add_pipe(&relay->context, feed, i, TAKE_FD(owned));
        return -EBADMSG;
}

/* Returns 0, -ESRCH when it has ended meanwhile, or another -errno. */
static int restore_network(Relay *relay, Slot *slot) {
        int fd = table_open_network(relay->context.table, slot);
        Feed *feed = fd < 0 ? NULL : add_feed(relay, slot);

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        if (!feed) {
                fd_close(fd);
                return -ENOMEM;
        }
        return feed_add_network(&relay->context, feed, fd);
}

/* Those that were entered, but whose pipes were not stored yet, are still in the intake; and of
 * others everything was dropped but a stream to the journal. */
static void restore_process(Relay *relay, Slot *slot) {
        int network = restore_network(relay, slot);
        Feed *feed = relay->feeds[slot - relay->context.table->slots];
        bool ended = true;

        for (size_t i = 0; feed && i < _LOG_STREAM_COUNT; i++)
                if (feed->streams[i].pipe_fd >= 0)
                        ended = false;
                else
                        (void) stream_end(&relay->context, &feed->streams[i]);
        if (!ended || (feed && feed->network.pipe_fd >= 0)) {
                feed_pin_process(feed, false);
                if (network == -ESRCH)
                        feed_end_main(feed);
                else if (network < 0)
                        log_error_errno(network, "Failed to go on watching the network of a container: %m");
        } else if (feed)
                end_feed(relay, feed);
        else
                slot_free(slot);
}

static void restore_feeds(Relay *relay, const PassedFds *passed) {
        Table *table = relay->context.table;

        for (size_t i = 0; i < passed->names.count; i++) {
                const char *name = passed->names.items[i];
                int fd = PASSED_FDS_FIRST + (int) i, stream, r;
                uint64_t id;
                Slot *slot;

                if (streq(name, KEPT_TABLE) || streq(name, KEPT_SPENT) || streq(name, INTAKE_NAME))
                        continue;
                kept_read_name(name, &id, &stream);
                slot = find_slot(table, id);
                /* The relay before this one was done with it, and had only to say so. */
                r = slot ? restore_descriptor(relay, slot, stream, fd) : fd_store_remove(name);
                if (!slot)
                        fd_close(fd);
                if (r < 0)
                        log_error_errno(r, "Failed to go on with %s: %m", name);
        }
        for (size_t i = 0; i < table->slot_count; i++)
                if (table->slots[i].id != 0)
                        restore_process(relay, &table->slots[i]);
}

static int restore_table(FeedContext *context, const PassedFds *passed) {
        int fd = fd_store_find(passed, KEPT_TABLE), r;

        r = fd < 0 ? fd : table_map(fd, &context->table);
        if (r >= 0 || r != -ENOENT)
                return r;
        fd = table_create();
        if (fd < 0)
                return fd;
        kept_put(KEPT_TABLE, &fd, 1);
        r = table_map(fd, &context->table);
        fd_close(fd);
        return r;
}

static int restore_spent(Pipes *pipes, const PassedFds *passed) {
        int r;

        for (size_t i = 0; i < passed->names.count; i++) {
                int fd = PASSED_FDS_FIRST + (int) i;

                if (streq(passed->names.items[i], KEPT_SPENT))
                        pipes->spent_fds[is_write_end(fd)] = fd;
        }
        if (pipes->spent_fds[0] >= 0 && pipes->spent_fds[1] >= 0)
                return 0;
        r = pipes_make_spent(pipes);
        if (r >= 0)
                kept_put(KEPT_SPENT, pipes->spent_fds, ARRAY_SIZE(pipes->spent_fds));
        return r;
}

/* Whether the batch that the last relay was about was sent. */
static int was_sent(Relay *relay, const Feed *feed, const Intent *intent) {
        const Stream *stream = &feed->streams[intent->stream];
        int n = pipes_spent(&relay->context.pipes);
        bool full;

        if (intent->pid == 0)
                return intent->size > 0;
        /* It is moved only when it has been, and nothing else was on its way. */
        if (n > 0 || (stream->journal_fd >= 0 && journal_stream_pending(stream->journal_fd) > 0))
                return 1;
        n = n < 0 ? n : pipes_look(&relay->context.pipes, stream->pipe_fd, &full);
        if (n < (int) intent->size)
                return n < 0 ? n : 0;
        return recovery_was_sent(slot_namespace(feed->slot), intent, relay->context.pipes.batch);
}

static void settle_intent(Relay *relay) {
        Table *table = relay->context.table;
        Intent intent = table->intent;
        int r = 0;

        for (size_t i = 0; i < table->slot_count && intent.set && intent.stream < _LOG_STREAM_COUNT; i++) {
                Feed *feed = relay->feeds[i];
                int fd = feed && feed->slot->id == intent.id ? feed->streams[intent.stream].pipe_fd : -EBADF;

                if (fd < 0 || intent.size > BATCH_MOST)
                        continue;
                r = was_sent(relay, feed, &intent);
                if (r > 0)
                        r = pipes_spend(&relay->context.pipes, fd, intent.size);
        }
        if (r < 0)
                log_warning_errno(r, "Failed to learn whether %u bytes were sent, some lines may come twice: %m",
                                  (unsigned) intent.size);
        intent_clear(table);
        (void) pipes_forget(&relay->context.pipes);
}

static int start(Relay *relay, const PassedFds *passed) {
        int r = pipes_init(&relay->context.pipes);

        if (r >= 0)
                r = restore_table(&relay->context, passed);
        if (r >= 0)
                r = restore_spent(&relay->context.pipes, passed);
        if (r < 0)
                return r;
        relay->context.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (relay->context.epoll_fd < 0)
                return -errno;
        restore_feeds(relay, passed);
        settle_intent(relay);
        return watch_intake(relay, EPOLL_CTL_ADD, EPOLLIN);
}

/* SIGTERM comes only while it waits. */
static void set_signals(sigset_t *ret_while_waiting) {
        static const struct sigaction stop = { .sa_handler = note_stop };
        sigset_t blocked;

        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &blocked, ret_while_waiting);
        (void) sigaction(SIGTERM, &stop, NULL);
        (void) signal(SIGPIPE, SIG_IGN);
}

/* Not as the end by itself, after which systemd leaves it at that. */
static void end_by_signal(const sigset_t *unblocked) {
        (void) signal(SIGTERM, SIG_DFL);
        (void) sigprocmask(SIG_SETMASK, unblocked, NULL);
        (void) raise(SIGTERM);
}

int main(int argc, char **argv) {
        static Relay relay = { .context = { .pipes = PIPES_INIT, .epoll_fd = -EBADF } };
        _cleanup_passed_fds_ PassedFds passed = {};
        sigset_t while_waiting;
        int r;

        log_open_service("berth-log");
        r = fd_store_receive(&passed);
        relay.last = &relay.first;
        relay.context.of_user = geteuid() != 0;
        relay.intake_fd = r < 0 ? r : fd_store_find(&passed, INTAKE_NAME);
        if (argc != 1 || relay.intake_fd < 0) {
                fprintf(argc == 2 && streq(argv[1], "--help") ? stdout : stderr,
                        "%s is run by berth-log.service; see berth-log.service(8).\n", argv[0]);
                return argc == 2 && streq(argv[1], "--help") ? EXIT_SUCCESS : 2;
        }
        set_signals(&while_waiting);
        (void) prctl(PR_SET_CHILD_SUBREAPER, 1);
        r = start(&relay, &passed);
        if (r < 0)
                log_error_errno(r, "Failed to start: %m");
        else
                r = serve(&relay, &while_waiting);
        if (told_to_stop)
                end_by_signal(&while_waiting);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
