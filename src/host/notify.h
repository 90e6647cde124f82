/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Telling systemd things about our own unit (sd_notify(3)). The protocol itself, which is a
 * datagram and is promised to stay: a start would have to load a library for nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { NOTIFY_FDS_MAX = 253 /* of the kernel: SCM_MAX_FD */ };

/* Sends lines "NAME=VALUE" and, with them, the descriptors. Returns 0, -ENOTCONN without
 * NOTIFY_SOCKET, or another -errno. */
int notify_send(const char *message, const int fds[], size_t count);

/* The same in the name of another process, which needs CAP_SYS_ADMIN; 0 is this one. -ESRCH when
 * there is none. */
int notify_send_as(pid_t pid, const char *message, const int fds[], size_t count);

/* Says in our unit's status how things are. As notify_send(). */
int notify_status(const char *status);

/* Hands the main process of our unit over to `pid` and, with `ready`, says in the same message that
 * start-up is done; waits until the manager has taken it in (sd_notify_barrier(3)). Unless
 * `watch_usec` is 0 the unit fails when notify_watch_end() does not come within that time. Returns
 * 0, -ENOTCONN without NOTIFY_SOCKET, -ETIMEDOUT after five seconds, or another -errno. */
int notify_main_process(pid_t pid, bool ready, uint64_t watch_usec);

/* Leaves the watchdog as the unit has it, by WATCHDOG_USEC of the environment. In the name of the
 * main process, as that alone is heard. As notify_send_as(). */
int notify_watch_end(pid_t pid);

/* Waits until the manager has taken in all that was sent before (sd_notify_barrier(3)). Returns 0,
 * -ENOTCONN without NOTIFY_SOCKET, -ETIMEDOUT after five seconds, or another -errno. */
int notify_barrier(void);

/* Asks the manager to wait for this control process of our unit for `usec` from now, if that is
 * longer than it would. As notify_send(). */
int notify_extend_timeout(uint64_t usec);
