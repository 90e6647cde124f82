/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between the moment when systemd has a container's first process for the unit's main one, and the
 * moment when that is let go on, it waits for us alone: were this process killed in between, the
 * unit would be active for ever, with nothing in it. A second process watches over that; that both
 * are killed is for systemd to notice, see notify_main_process(). */
#pragma once

/* Begins to watch over the process of `pid_fd`: when this process ends before
 * payload_guard_release(), that one is killed, and so its unit fails. What guards holds no other
 * descriptor of this process. Returns a descriptor for the latter, which the caller closes, or
 * -errno. */
int payload_guard(int pid_fd);

/* Ends that: it goes on by itself. */
void payload_guard_release(int guard_fd);
