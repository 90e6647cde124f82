/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of berth-log that need no journal: batches of a pipe, the table that outlives it, and
 * messages, sound and not. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "relay/intake.h"
#include "relay/pipes.h"
#include "relay/recovery.h"
#include "relay/table.h"
#include "relay/user-journal.h"
#include "tests/unit/test.h"

static const char payload[] = "one\ntwo\nunfinished";

static void make_pipes(Pipes *pipes) {
        *pipes = (Pipes) PIPES_INIT;
        ck_assert_int_eq(pipes_init(pipes), 0);
        ck_assert_int_eq(pipes_make_spent(pipes), 0);
}

START_TEST(a_batch_stays_until_it_is_spent) {
        int ends[2], size = (int) strlen(payload);
        Pipes pipes;
        bool full;

        make_pipes(&pipes);
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(pipes_look(&pipes, ends[0], &full), 0);
        ck_assert_int_eq(write(ends[1], payload, strlen(payload)), size);
        for (int i = 0; i < 2; i++) {
                ck_assert_int_eq(pipes_look(&pipes, ends[0], &full), size);
                ck_assert_mem_eq(pipes.batch, payload, strlen(payload));
                ck_assert(!full);
        }
        /* As if it had been interrupted in between: what is there already counts. */
        ck_assert_int_eq(pipes_spend(&pipes, ends[0], 4), 0);
        ck_assert_int_eq(pipes_spent(&pipes), 4);
        ck_assert_int_eq(pipes_spend(&pipes, ends[0], 8), 0);
        ck_assert_int_eq(pipes_spent(&pipes), 8);
        ck_assert_int_eq(pipes_forget(&pipes), 0);
        ck_assert_int_eq(pipes_spent(&pipes), 0);
        ck_assert_int_eq(pipes_look(&pipes, ends[0], &full), size - 8);
        ck_assert_mem_eq(pipes.batch, "unfinished", 10);
        ck_assert(!pipe_has_ended(ends[0]));
        close(ends[1]);
        ck_assert(pipe_has_ended(ends[0]));
        ck_assert_int_eq(pipes_look(&pipes, ends[0], &full), size - 8);
        close(ends[0]);
        pipes_done(&pipes);
}
END_TEST

/* A container may do to its pipe what it wants. */
START_TEST(a_pipe_that_is_full_is_seen) {
        Pipes pipes;
        int ends[2], n = 0;
        bool full = false;

        make_pipes(&pipes);
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_DIRECT | O_NONBLOCK), 0);
        ck_assert_int_gt(fcntl(ends[1], F_SETPIPE_SZ, LOG_RELAY_PIPE_SIZE), 0);
        while (write(ends[1], "x", 1) == 1)
                n++;
        ck_assert_int_lt(n, BATCH_MOST);
        ck_assert_int_gt(pipes_look(&pipes, ends[0], &full), 0);
        ck_assert(full);
        /* Nor does it wait for what somebody else has read. */
        ck_assert_int_eq(pipes_spend(&pipes, ends[0], BATCH_MOST), 0);
        close(ends[0]);
        close(ends[1]);
        pipes_done(&pipes);
}
END_TEST

static LogRelayMessage make_message(uint64_t out, uint64_t err) {
        LogRelayMessage message = { .verb = LOG_RELAY_OPEN, .inodes = { out, err } };
        static const char text[] = "space\0header of out\0header of err";

        memcpy(message.text, text, sizeof(text));
        message.text_size = sizeof(text);
        return message;
}

START_TEST(the_table_is_there_for_the_next) {
        int fd = table_create();
        LogRelayMessage message = make_message(11, 12);
        const uint64_t err_only[] = { 0, 12 }, none[] = { 0, 0 };
        Table *table, *again;
        Slot *slot;
        uint64_t id;

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(table_map(fd, &table), 0);
        slot = table_add(table, &message, getpid());
        ck_assert_ptr_nonnull(slot);
        id = slot->id;
        ck_assert_int_eq(table_map(fd, &again), 0);
        ck_assert_ptr_null(table_find(again, none));
        slot = table_find(again, err_only);
        ck_assert_ptr_nonnull(slot);
        ck_assert_uint_eq(slot->id, id);
        ck_assert_str_eq(slot_namespace(slot), "space");
        ck_assert_str_eq(slot_header(slot, LOG_STDOUT), "header of out");
        ck_assert_str_eq(slot_header(slot, LOG_STDERR), "header of err");
        ck_assert(slot_pid_is_same(slot));
        slot->pid_start++;
        ck_assert(!slot_pid_is_same(slot));
        slot_free(slot);
        ck_assert_ptr_null(table_find(table, err_only));
        slot = table_add(table, &message, getpid());
        ck_assert_uint_ne(slot->id, id);
        ck_assert_uint_eq(table->slot_count, 1);
}
END_TEST

START_TEST(the_program_of_a_network_is_known_to_the_next) {
        int fd = table_create(), self = pidfd_open(getpid(), 0), ended, network;
        const LogRelayMessage message = { .inodes = { 7, 8 } };
        Table *table, *again;
        Slot *slot, *other;
        pid_t pid;

        ck_assert_int_eq(table_map(fd, &table), 0);
        slot = table_add(table, &message, getpid());
        other = table_add(table, &(LogRelayMessage) { .inodes = { 9 } }, getpid());
        ck_assert_int_eq(table_open_network(table, slot), -ENOENT);
        table_set_network(table, slot, self);
        ck_assert_int_eq(table_map(fd, &again), 0);
        network = table_open_network(again, table_find(again, message.inodes));
        ck_assert_int_ge(network, 0);
        ck_assert_int_eq(pidfd_send_signal(network, 0, NULL, 0), 0);
        ck_assert_int_eq(table_open_network(again, table_find(again, other->inodes)), -ENOENT);
        /* Of the slot's next container nothing is known. */
        slot_free(slot);
        ck_assert_ptr_eq(table_add(table, &message, getpid()), slot);
        ck_assert_int_eq(table_open_network(table, slot), -ENOENT);
        pid = fork();
        if (pid == 0)
                pause();
        ended = pidfd_open(pid, 0);
        table_set_network(table, slot, ended);
        table->networks[slot - table->slots].pid_start--;
        ck_assert_int_eq(table_open_network(table, slot), -ESRCH);
        table_set_network(table, slot, ended);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_int_eq(table_open_network(table, slot), -ESRCH);
        table_set_network(table, slot, ended);
        ck_assert_int_eq(table_open_network(table, slot), -ENOENT);
        table_set_network(table, slot, self);
        table_forget_network(table, slot);
        ck_assert_int_eq(table_open_network(table, slot), -ENOENT);
}
END_TEST

START_TEST(an_older_table_is_taken_over) {
        static const uint64_t inodes[] = { 7, 8 };
        int fd = table_create(), self = pidfd_open(getpid(), 0);
        Table *table;

        ck_assert_int_eq(table_map(fd, &table), 0);
        ck_assert_ptr_nonnull(table_add(table, &(LogRelayMessage) { .inodes = { 7, 8 } }, getpid()));
        munmap(table, sizeof(*table));
        ck_assert_int_eq(ftruncate(fd, offsetof(Table, networks)), 0);
        ck_assert_int_eq(table_map(fd, &table), 0);
        ck_assert_ptr_nonnull(table_find(table, inodes));
        ck_assert_int_eq(table_open_network(table, table->slots), -ENOENT);
        table_set_network(table, table->slots, self);
        ck_assert_int_ge(table_open_network(table, table->slots), 0);
}
END_TEST

START_TEST(a_full_table_says_so) {
        int fd = table_create();
        Table *table;

        ck_assert_int_eq(table_map(fd, &table), 0);
        for (unsigned i = 0; i < TABLE_SLOTS_MOST; i++) {
                LogRelayMessage message = make_message(2 * i + 1, 2 * i + 2);

                ck_assert_ptr_nonnull(table_add(table, &message, 0));
        }
        ck_assert_ptr_null(table_add(table, &(LogRelayMessage) {}, 0));
}
END_TEST

START_TEST(what_is_no_table_is_refused) {
        int fd = memfd_create("no-table", 0);
        Table *table;

        ck_assert_int_eq(table_map(fd, &table), -EBADMSG);
        ck_assert_int_eq(ftruncate(fd, sizeof(Table)), 0);
        ck_assert_int_eq(table_map(fd, &table), -EBADMSG);
        close(fd);
}
END_TEST

static void send_datagram(int fd, const void *data, size_t size, const int fds[], size_t count) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(8 * sizeof(int))];
        } control = {};
        struct iovec bytes = { .iov_base = (void *) data, .iov_len = size };
        struct msghdr datagram = { .msg_iov = &bytes, .msg_iovlen = 1 };

        if (count > 0) {
                control.header.cmsg_level = SOL_SOCKET;
                control.header.cmsg_type = SCM_RIGHTS;
                control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
                memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
                datagram.msg_control = &control;
                datagram.msg_controllen = CMSG_SPACE(count * sizeof(int));
        }
        ck_assert_int_eq(sendmsg(fd, &datagram, 0), (int) size);
}

static size_t message_size(const LogRelayMessage *message) {
        return offsetof(LogRelayMessage, text) + message->text_size;
}

/* Sends it and gives what the relay makes of it. */
static int look_at(const void *data, size_t size, const int fds[], size_t count, IntakeMessage *ret) {
        static const int on = 1;
        int ends[2], r;

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
        ck_assert_int_eq(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
        ck_assert_int_eq(intake_look(ends[0], ret), 0);
        send_datagram(ends[1], data, size, fds, count);
        r = intake_look(ends[0], ret);
        if (r > 0) {
                /* It is still there, until it is taken. */
                intake_message_done(ret);
                ck_assert_int_eq(intake_look(ends[0], ret), 1);
        }
        intake_take(ends[0]);
        ck_assert_int_eq(intake_look(ends[0], &(IntakeMessage) INTAKE_MESSAGE_INIT), 0);
        close(ends[0]);
        close(ends[1]);
        return r;
}

static uint64_t inode_of(int fd) {
        struct stat st;

        ck_assert_int_eq(fstat(fd, &st), 0);
        return st.st_ino;
}

START_TEST(a_sound_message) {
        IntakeMessage got = INTAKE_MESSAGE_INIT;
        LogRelayMessage message;
        int out[2], err[2];

        if (geteuid() != 0)
                return;
        ck_assert_int_eq(pipe(out) + pipe(err), 0);
        message = make_message(inode_of(out[0]), inode_of(err[0]));
        ck_assert_int_eq(look_at(&message, message_size(&message), (int[]) { out[0], err[0] }, 2, &got), 1);
        ck_assert_int_eq(got.sender, getpid());
        ck_assert_uint_eq(inode_of(got.fds[LOG_STDOUT]), inode_of(out[0]));
        ck_assert_uint_eq(inode_of(got.fds[LOG_STDERR]), inode_of(err[0]));
        intake_message_done(&got);
        message.inodes[LOG_STDOUT] = 0;
        ck_assert_int_eq(look_at(&message, message_size(&message), (int[]) { err[0] }, 1, &got), 1);
        ck_assert_int_lt(got.fds[LOG_STDOUT], 0);
        intake_message_done(&got);
        message = (LogRelayMessage) { .verb = LOG_RELAY_MAIN, .pid = 7, .inodes = { 1, 2 } };
        ck_assert_int_eq(look_at(&message, message_size(&message), NULL, 0, &got), 1);
        ck_assert_int_eq(got.message.pid, 7);
        message.verb = LOG_RELAY_NETWORK;
        ck_assert_int_eq(look_at(&message, message_size(&message), (int[]) { err[0] }, 1, &got), 1);
        ck_assert_uint_eq(inode_of(got.network_fd), inode_of(err[0]));
        intake_message_done(&got);
}
END_TEST

START_TEST(messages_that_are_not) {
        IntakeMessage got = INTAKE_MESSAGE_INIT;
        LogRelayMessage message, changed;
        int out[2], err[2], regular = open("/dev/null", O_RDONLY), fds[5];

        ck_assert_int_eq(pipe(out) + pipe(err), 0);
        message = make_message(inode_of(out[0]), inode_of(err[0]));
        memcpy(fds, (int[]) { out[0], err[0], out[0], out[0], out[0] }, sizeof(fds));
        ck_assert_int_eq(look_at("", 0, NULL, 0, &got), -EBADMSG);
        ck_assert_int_eq(look_at("x", 1, NULL, 0, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&message, message_size(&message), NULL, 0, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&message, message_size(&message) - 1, fds, 2, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&message, message_size(&message) + 1, fds, 2, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&message, message_size(&message), fds, 5, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&message, message_size(&message), (int[]) { out[0], out[0] }, 2, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&message, message_size(&message), (int[]) { regular, err[0] }, 2, &got), -EBADMSG);
        changed = message;
        changed.text[changed.text_size - 1] = 'x';
        ck_assert_int_eq(look_at(&changed, message_size(&message), fds, 2, &got), -EBADMSG);
        changed = message;
        changed.text[3] = '\0';
        ck_assert_int_eq(look_at(&changed, message_size(&message), fds, 2, &got), -EBADMSG);
        changed = message;
        changed.text_size = UINT32_MAX;
        ck_assert_int_eq(look_at(&changed, message_size(&message), fds, 2, &got), -EBADMSG);
        changed = message;
        changed.verb = 5;
        ck_assert_int_eq(look_at(&changed, message_size(&message), fds, 2, &got), -EBADMSG);
        changed = (LogRelayMessage) { .verb = LOG_RELAY_MAIN, .pid = 1, .inodes = { 1 } };
        ck_assert_int_eq(look_at(&changed, message_size(&changed), NULL, 0, &got), -EBADMSG);
        changed = (LogRelayMessage) { .verb = LOG_RELAY_NETWORK, .inodes = { 1 } };
        ck_assert_int_eq(look_at(&changed, message_size(&changed), NULL, 0, &got), -EBADMSG);
        ck_assert_int_eq(look_at(&changed, message_size(&changed), fds, 2, &got), -EBADMSG);
        close(regular);
}
END_TEST

static bool has(const char *line) {
        static const char batch[] = "first\n<3>second\n\nwith <3>third\0after\n<x>y\nlast";

        return recovery_has_line(batch, sizeof(batch) - 1, line, strlen(line));
}

START_TEST(lines_of_a_batch) {
        static const char *const there[] = { "first", "second", "<3>second", "with <3>third", "after", "<x>y", "last" };
        static const char *const not_there[] = { "", "firs", "irst", "third", "secon", "las", "ast", "none" };

        for (size_t i = 0; i < ARRAY_SIZE(there); i++)
                ck_assert_msg(has(there[i]), "%s", there[i]);
        for (size_t i = 0; i < ARRAY_SIZE(not_there); i++)
                ck_assert_msg(!has(not_there[i]), "%s", not_there[i]);
}
END_TEST

/* The next message to journald. */
static void expect_message(int fd, const char *expected) {
        char got[512] = "";

        ck_assert_int_gt(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), 0);
        ck_assert_str_eq(got, expected);
}

START_TEST(lines_of_a_user) {
#define SAME "SYSLOG_IDENTIFIER=web\nUSER_UNIT=container@web.service\nSYSLOG_FACILITY=3\nCONTAINER_NAME=web\n"
        static const char header[] = "web\ncontainer@web.service\n29\n1\n0\n0\n0\nCONTAINER_NAME=web\n";
        static const char batch[] = "one\n\n<3>\n<3>two\0USER_UNIT=evil\n<8>x\nlast";
        int ends[2], size = sizeof(batch) - 1;
        char byte;
        uint32_t sent = 0;

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
        ck_assert_int_eq(user_journal_send(ends[0], header, batch, (size_t) size, &sent), 0);
        ck_assert_uint_eq(sent, (unsigned) size);
        expect_message(ends[1], SAME "PRIORITY=5\nMESSAGE=one\n");
        expect_message(ends[1], SAME "PRIORITY=3\nMESSAGE=two\n");
        expect_message(ends[1], SAME "PRIORITY=5\nMESSAGE=USER_UNIT=evil\n");
        expect_message(ends[1], SAME "PRIORITY=5\nMESSAGE=<8>x\n");
        expect_message(ends[1], SAME "PRIORITY=5\nMESSAGE=last\n");
        ck_assert_int_eq(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1);
        close(ends[0]);
        close(ends[1]);
}
END_TEST

/* What was sent before journald did not take more is not sent again. */
START_TEST(lines_of_a_user_are_counted) {
        static const char header[] = "web\ncontainer@web.service\n30\n0\n0\n0\n0\n";
        char batch[4096];
        uint32_t sent = 0;
        int ends[2], small = 0, n = 0, r;

        for (size_t i = 0; i < sizeof(batch); i++)
                batch[i] = i % 2 ? '\n' : 'x';
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
        ck_assert_int_eq(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
        r = user_journal_send(ends[0], header, batch, sizeof(batch), &sent);
        ck_assert_int_eq(r, -EAGAIN);
        while (recv(ends[1], batch, sizeof(batch), MSG_DONTWAIT) > 0)
                n++;
        ck_assert_int_gt(n, 0);
        ck_assert_uint_eq(sent, (unsigned) n * 2);
        close(ends[0]);
        close(ends[1]);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("relay");
        TCase *cases = tcase_create("relay");

        tcase_add_test(cases, a_batch_stays_until_it_is_spent);
        tcase_add_test(cases, a_pipe_that_is_full_is_seen);
        tcase_add_test(cases, the_table_is_there_for_the_next);
        tcase_add_test(cases, the_program_of_a_network_is_known_to_the_next);
        tcase_add_test(cases, an_older_table_is_taken_over);
        tcase_add_test(cases, a_full_table_says_so);
        tcase_add_test(cases, what_is_no_table_is_refused);
        tcase_add_test(cases, a_sound_message);
        tcase_add_test(cases, messages_that_are_not);
        tcase_add_test(cases, lines_of_a_batch);
        tcase_add_test(cases, lines_of_a_user);
        tcase_add_test(cases, lines_of_a_user_are_counted);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
