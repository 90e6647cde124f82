/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman says of a container of which it has taken a checkpoint. */
#pragma once

#include "basic/diagnostics.h"
#include "start/checkpoint/checkpoint-about.h"

/* Reads what the parts of an archive of podman's, which may be hostile, say of it, from the
 * directory that they were unpacked to; `name` is the archive's in diagnostics. What podman does
 * not say, of the machine, stays as it is in `ret`. Returns 0, -EREPORTED with what is wrong, or
 * another -errno. `ret` is to be released. */
int podman_dump_read(int parts_fd, const char *name, Diagnostics *diagnostics, CheckpointAbout *ret);

/* Reads the addresses that it had on networks, in text. Returns 0, -EREPORTED, or another
 * -errno. */
int podman_dump_read_addresses(int parts_fd, const char *name, Diagnostics *diagnostics, StringList *ret);
