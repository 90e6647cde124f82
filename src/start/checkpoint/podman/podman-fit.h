/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a container is what podman's was. */
#pragma once

#include "basic/diagnostics.h"
#include "host/bundle.h"

/* Compares what podman's description in the checkpoint's directory, which may be hostile, and that
 * of the bundle have to have in common for CRIU to restore the one as the other: the command,
 * mounts, namespaces, and a terminal. All else the processes bring with them. Returns 0, -EREPORTED
 * with what differs, or another -errno. */
int podman_fit_check(int checkpoint_fd, const Bundle *bundle, Diagnostics *diagnostics);
