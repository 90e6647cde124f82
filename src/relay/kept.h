/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the relay has in the descriptor store of its unit, under which names. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "host/fd-store.h"

#define KEPT_TABLE FD_STORE_PREFIX "table"
#define KEPT_SPENT FD_STORE_PREFIX "spent"

/* Has systemd keep copies of them. Logs a failure, which only the next relay will notice. */
void kept_put(const char *name, const int fds[], size_t count);
void kept_put_pipes(uint64_t id, const int fds[], size_t count);

/* The same for a stream to the journal, in place of the one before. */
void kept_put_journal(uint64_t id, unsigned stream, int fd);

/* Has systemd close its copies. Logs a failure. */
void kept_drop_pipes(uint64_t id);
void kept_drop_journal(uint64_t id, unsigned stream);

/* Takes a name apart. Returns 0 with the ID of the container, 0 for any other name, and the number
 * of the stream to the journal, or -1 for a pipe. */
void kept_read_name(const char *name, uint64_t *ret_id, int *ret_stream);
