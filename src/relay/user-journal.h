/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines to journald from a user's relay. To write under another process's name is root's; so each
 * line is a message of the relay's own in the journal's native protocol, with the unit in
 * USER_UNIT=, by which "journalctl --user -u" finds it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Connects. Never blocks. Returns a descriptor or -errno. */
int user_journal_open(void);

/* Sends the lines of a batch, one after the other, of which the last need not be finished. `header`
 * is a slot's: what journald would be told of a stream, and a further line for each further field.
 * `sent` counts the bytes of what has been sent; it may be in memory that outlives this process.
 * Returns 0, -EAGAIN when journald is slow, or another -errno; then, too, some may be sent. */
int user_journal_send(int fd, const char *header, const char *batch, size_t size, uint32_t *sent);
