/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux labels for the pipes that a container's processes get from berth: a pipe has the label of
 * who has made it, and a container may neither write to such a one nor open it by name. */
#pragma once

#include "host/bundle.h"

/* Notes down in the bundle how the container's pipes are to be labelled, as its files are; with
 * NULL nothing. Returns 0 or -errno. */
int pipe_label_note(const Bundle *bundle, const char *label);

/* Labels a pipe so; leaves alone what is none, and all of it where nothing is noted down, which
 * costs one openat(2). Returns 0, -EACCES where the policy does not let this process, or another
 * -errno. */
int pipe_label_give(const Bundle *bundle, int fd);

/* Labels a FIFO so that has a name and comes from systemd, such as one of ListenFIFO=; leaves alone
 * a pipe without a name, which is one that an earlier life of the container has handed over, and
 * is labelled as that was. Else as pipe_label_give(). */
int pipe_label_give_named(const Bundle *bundle, int fd);
