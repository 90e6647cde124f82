/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of a batch whose relay was killed while it sent it: the journal knows. */
#pragma once

#include "relay/table.h"

/* Asks the journal of that namespace whether it has anything of the batch; waits for what journald
 * has not written yet. Returns 1 when it has, 0 when not, -ETIMEDOUT when journald does not answer,
 * or another -errno. */
int recovery_was_sent(const char *journal_namespace, const Intent *intent, const char *batch);

/* Whether a message of the journal is one of the lines of a batch, with or without the level before
 * it. */
bool recovery_has_line(const char *batch, size_t size, const char *line, size_t length);
