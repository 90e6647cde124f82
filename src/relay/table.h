/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the relay knows, in memory that outlives it: a memfd in its unit's descriptor store. A relay
 * that was killed at any point finds here what it has to go on with. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "host/log/log-relay.h"

enum { TABLE_SLOTS_MOST = 2048 /* journald takes twice as many streams */ };

/* A container. Its size is a part of the format, which stays as it is: a newer relay reads the
 * table of the one before. */
typedef struct Slot {
        uint64_t id;                         /* 0: the slot is free. Never used twice */
        uint64_t inodes[_LOG_STREAM_COUNT];  /* of its pipes; 0: none */
        uint64_t pid_start;                  /* of `pid`, as in /proc/PID/stat; 0: unknown */
        int32_t pid;                         /* the process that its lines are sent under */
        uint32_t text_size;
        char text[LOG_RELAY_TEXT_MAX];       /* as in LogRelayMessage */
} Slot;

_Static_assert(sizeof(Slot) == 1024, "the format of the table");

/* A batch on its way from a pipe to the journal. It is noted before it is sent, and crossed out
 * when it has been taken out of its pipe. */
typedef struct Intent {
        uint32_t set;
        uint32_t stream;
        uint64_t id;         /* of the slot */
        uint64_t since_usec; /* CLOCK_REALTIME, just before it was sent */
        uint32_t size;
        int32_t pid;         /* 0: `size` bytes have been sent for certain, as a user's relay counts */
} Intent;

/* The program that is a container's network. Also of that size for ever. */
typedef struct NetworkProgram {
        uint64_t id;        /* of the slot; that of another: there is none */
        uint64_t pid_start; /* as a slot has it */
        int32_t pid;
        uint32_t unused;
} NetworkProgram;

_Static_assert(sizeof(NetworkProgram) == 24, "the format of the table");

typedef struct Table {
        uint64_t magic;
        uint64_t last_id;
        Intent intent;
        uint32_t slot_count; /* those beyond have never been used */
        _Alignas(1024) Slot slots[TABLE_SLOTS_MOST];
        NetworkProgram networks[TABLE_SLOTS_MOST]; /* in the order of the slots; not in older tables */
} Table;

/* Makes an empty table; its memory grows with what is used of it. Returns its descriptor, or
 * -errno. */
int table_create(void);

/* Maps the table of that descriptor, with what it did not have yet. Returns 0, -EBADMSG when it is
 * none, or another -errno. It stays mapped. */
int table_map(int fd, Table **ret);

/* Returns the slot of the container that has one of the pipes, or NULL. */
Slot *table_find(Table *table, const uint64_t inodes[_LOG_STREAM_COUNT]);

/* Enters a container. Returns NULL when the table is full. */
Slot *table_add(Table *table, const LogRelayMessage *message, pid_t pid);

/* Notes which process the lines are from now on sent under. */
void slot_set_pid(Slot *slot, pid_t pid);

/* Whether the process that is noted is still the one that has that number. */
bool slot_pid_is_same(const Slot *slot);

void slot_free(Slot *slot);

/* Notes the program that is the network of the slot's container, which `pidfd` is of: a number
 * costs the service manager nothing, as a descriptor in its store does. Does nothing when it has
 * ended. */
void table_set_network(Table *table, const Slot *slot, int pidfd);

/* Crosses it out. */
void table_forget_network(Table *table, const Slot *slot);

/* Returns a pidfd of that program, -ENOENT when none is noted, -ESRCH when it has ended, or another
 * -errno. */
int table_open_network(const Table *table, const Slot *slot);

/* Returns what is in `text`: the namespace of the journal ("": the ordinary one), and the header of
 * a stream. */
const char *slot_namespace(const Slot *slot);
const char *slot_header(const Slot *slot, unsigned stream);

void intent_set(Table *table, const Intent *intent);
void intent_clear(Table *table);
