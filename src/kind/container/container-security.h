/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about SELinux, as a whole. */
#pragma once

#include "kind/container/container.h"

/* Warns of keys that others leave without effect, and of "z" and "Z" on what is never
 * relabelled. */
void container_check_security(const Container *container, Diagnostics *diagnostics);

/* Whether SELinux does not keep the container apart from others: Privileged=,
 * SecurityLabelDisable=, or the host's PID or IPC namespace. */
bool container_shares_label(const Container *container);

/* Whether a path is one that "z" and "Z" must never relabel, for the system would not work any
 * more; the same ones as for podman. `path` is normalized. */
bool path_keeps_label(const char *path);
