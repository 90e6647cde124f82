/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving a payload pipes for its output, whose other ends are with the one relay of the machine, or
 * of the user (berth-log.service(8)): unlike the journal's sockets they can be opened by name, as
 * /dev/stdout. Also the format of what the relay is told. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
        LOG_STDOUT,
        LOG_STDERR,
        _LOG_STREAM_COUNT,

        LOG_RELAY_TEXT_MAX = 984,
        /* A line of 48 KiB, the longest that journald takes as one by default, fits in also when it
         * comes in pieces that leave half of every page empty. */
        LOG_RELAY_PIPE_SIZE = 256 * 1024,
};

typedef enum LogRelayVerb {
        LOG_RELAY_OPEN = 0x4c520001, /* with the read ends of the pipes as descriptors */
        LOG_RELAY_MAIN,              /* the container's first process is `pid` */
        LOG_RELAY_NETWORK,           /* with a pidfd of the program that is its network */
} LogRelayVerb;

/* A datagram; what is not used of `text` is not sent. A newer helper may meet an older relay, and
 * the other way round: no field changes its place. */
typedef struct LogRelayMessage {
        uint32_t verb;
        int32_t pid;
        uint64_t inodes[_LOG_STREAM_COUNT]; /* of the pipes; 0: none */
        uint32_t text_size;
        /* LOG_RELAY_OPEN: three strings, each with its NUL: the journal's namespace, and the header
         * of a stream to journald for each of the two. A user's have further lines: fields. */
        char text[LOG_RELAY_TEXT_MAX];
} LogRelayMessage;

/* How the unit's lines are to look in the journal; systemd.exec(5) has the keys. */
typedef struct LogSettings {
        const char *unit_name;
        const char *identifier;            /* SyslogIdentifier= */
        const char *journal_namespace;     /* LogNamespace=; NULL or "": none */
        const char *fields;                /* further ones, for a user's relay; a line each, or NULL */
        int priority;                      /* SyslogFacility= | SyslogLevel= */
        bool level_prefix;                 /* SyslogLevelPrefix= */
        bool used[_LOG_STREAM_COUNT];      /* for which there is to be a pipe */
        bool console[_LOG_STREAM_COUNT];   /* "journal+console" */
} LogSettings;

typedef struct LogPipes {
        int fds[_LOG_STREAM_COUNT]; /* write ends, or -EBADF */
        uint64_t inodes[_LOG_STREAM_COUNT];
} LogPipes;

#define LOG_PIPES_INIT { .fds = { -EBADF, -EBADF } }

/* Makes the pipes and gives their other ends to the relay, which systemd starts if need be; this
 * does not wait for it. They belong to `uid` and `gid`, for who opens a pipe by name needs the
 * right to. Returns 0, -E2BIG when the names are too long for the relay, or another -errno. */
int log_relay_open(const LogSettings *settings, uid_t uid, gid_t gid, LogPipes *ret);

/* Tells the relay which process the lines are to be sent under from now on. Returns 0 or -errno. */
int log_relay_set_main(const LogPipes *pipes, pid_t pid);

/* Has a user's relay kill the container when the program of `pidfd`, which is its network, ends:
 * without that it has failed. Returns 0, -ENOTCONN when the relay does not have its output, or
 * another -errno. */
int log_relay_watch_network(const LogPipes *pipes, int pidfd);

void log_pipes_done(LogPipes *pipes);
#define _cleanup_log_pipes_ _cleanup_(log_pipes_done)
