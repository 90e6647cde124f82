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
 * more, or would trust a container; and whether it is one that "U" must never give away. Podman
 * refuses the same directories, but not what is below them. `path` is normalized, and without
 * symlinks if it is to be relied on. */
bool path_keeps_label(const char *path);
bool path_keeps_owner(const char *path);
