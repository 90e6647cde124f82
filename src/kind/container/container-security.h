/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about SELinux, as a whole. */
#pragma once

#include "kind/container/container.h"

/* Warns of keys that others leave without effect, and of "z" and "Z" on what is never relabelled;
 * "U" on what is never given away is an error. */
void container_check_security(const Container *container, Diagnostics *diagnostics);

/* Whether SELinux does not keep the container apart from others: Privileged=,
 * SecurityLabelDisable=, or the host's PID or IPC namespace. */
bool container_shares_label(const Container *container);

/* Whether a path is one that "z" and "Z" must never relabel, for the system would not work any
 * more, or would trust a container: the system's trees as a whole, and the directories that
 * everybody's are in, such as /var/lib and a user's home, themselves. Podman refuses a score of
 * such directories, but not what is below them. What is an application's can be relabelled as with
 * podman: a directory in /etc, /var/lib or /var/log that is not the system's. And whether it is a
 * path that "U" must never give away: these, and all in /etc and /root. `path` is normalized, and
 * without symlinks if it is to be relied on. */
bool path_keeps_label(const char *path);
bool path_keeps_owner(const char *path);

/* Say that a volume's source at `path` keeps its owner, or its label. Return -EREPORTED, or
 * -ENOMEM. */
int diagnose_kept_label(const VolumeMount *volume, const char *path, Diagnostics *diagnostics);
int diagnose_kept_owner(const VolumeMount *volume, const char *path, Diagnostics *diagnostics);
