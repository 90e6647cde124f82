/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the relay has in the descriptor store of its unit. All names together are one variable of
 * the next relay's environment; so they are short. */
#include "relay/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "basic/log.h"
#include "host/notify.h"

enum { NAME_SIZE = 48 };

static void name_pipes(uint64_t id, char name[NAME_SIZE]) {
        snprintf(name, NAME_SIZE, FD_STORE_PREFIX "%" PRIx64, id);
}

static void name_journal(uint64_t id, unsigned stream, char name[NAME_SIZE]) {
        snprintf(name, NAME_SIZE, FD_STORE_PREFIX "%" PRIx64 "-%u", id, stream);
}

static void check(int r, const char *name) {
        if (r < 0)
                log_warning_errno(r, "Failed to tell systemd what it keeps as %s: %m", name);
}

void kept_put(const char *name, const int fds[], size_t count) {
        char message[NAME_SIZE + 32];

        /* Not watched: what is in a pipe is to be read though its writer is gone. */
        snprintf(message, sizeof(message), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
        check(notify_send(message, fds, count), name);
}

void kept_put_pipes(uint64_t id, const int fds[], size_t count) {
        char name[NAME_SIZE];

        name_pipes(id, name);
        kept_put(name, fds, count);
}

void kept_put_journal(uint64_t id, unsigned stream, int fd) {
        char name[NAME_SIZE];

        name_journal(id, stream, name);
        check(fd_store_put(name, &fd, 1), name);
}

void kept_drop_pipes(uint64_t id) {
        char name[NAME_SIZE];

        name_pipes(id, name);
        check(fd_store_remove(name), name);
}

void kept_drop_journal(uint64_t id, unsigned stream) {
        char name[NAME_SIZE];

        name_journal(id, stream, name);
        check(fd_store_remove(name), name);
}

void kept_read_name(const char *name, uint64_t *ret_id, int *ret_stream) {
        char *end;

        *ret_id = strtoull(name + strlen(FD_STORE_PREFIX), &end, 16);
        *ret_stream = *end == '-' ? atoi(end + 1) : -1;
        if (*end && *end != '-')
                *ret_id = 0;
}
