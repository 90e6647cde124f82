/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks that pasta(1) or slirp4netns(1) makes: beside the container, in its unit. */
#pragma once

#include "host/bundle.h"
#include "kind/container/container.h"

/* Looks whether the program and the ports are to be had, and writes down in the bundle what is to
 * be run; `later`: in the namespaces that the runtime makes. What cannot be is in `diagnostics`.
 * Returns 0, -EREPORTED, or another -errno. */
int user_mode_prepare(const Container *container, const Bundle *bundle, bool later, Diagnostics *diagnostics);

/* Runs what user_mode_prepare() has written down for the container, which was created with `pid`
 * and not started, until its network is ready; and leaves a process that waits for the program's
 * end, which it makes the unit's. All are in the control group of this process, and end with the
 * unit. Returns 1; 0 when there is nothing to run; -EPROTO when the program has said what is wrong;
 * or another -errno. */
int user_mode_start(const Bundle *bundle, const char *unit_name, pid_t pid);
