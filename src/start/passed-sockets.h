/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux and what [Socket] of a container listens on: systemd has opened it, with a label of its
 * own choosing. */
#pragma once

#include "host/bundle.h"
#include "host/fd-store.h"
#include "kind/container/container.h"

/* Warns, by the line, when the policy does not let a process with the label `process` use such a
 * socket: it would find /dev/null in its place. NULL: there are no labels. After
 * labels_gather(). */
void passed_sockets_check(const Container *container, const char *process, Diagnostics *diagnostics);

/* Labels FIFOs among what has been passed as the container's files are. Sockets cannot be labelled,
 * and berth's policy is about them. What fails is logged. */
void passed_sockets_label(const Bundle *bundle, const PassedFds *passed);
