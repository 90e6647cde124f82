/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checkpoints that podman has taken. */
#pragma once

#include "kind/container/container.h"
#include "start/checkpoint/checkpoint-archive.h"

/* Has the container sleep with what the archive of podman's has, which may be hostile, when that
 * fits. `lock_fd` is checkpoint_lock()'s for `id`. Returns 0, -EREPORTED with what is wrong, or
 * another -errno. */
int podman_import(const Container *container, int lock_fd, const char *id, CheckpointArchive *archive,
                  bool ignore_volumes, Diagnostics *diagnostics);
