/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's first process, seen from outside. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Waits until `signal` would get through to the process: the first process of a PID namespace never
 * sees one that it has no handler for (pid_namespaces(7)), and one that has just been started has
 * none yet. Ends when there is a handler, when the process has settled without one (it runs its
 * program, and sleeps), when it is gone, or after `timeout_usec`. Returns 0 or -errno. */
int payload_await_handler(pid_t pid, int signal, uint64_t timeout_usec);

/* Finds out whether it is the first process of a PID namespace of its own, with which all others in
 * there end. Returns 1, 0, or -errno. */
int payload_is_first(pid_t pid);

/* Sends it `signal` and waits until it has ended; after `timeout_usec` (UINT64_MAX: never) it is
 * killed. Returns 1, 0 when it was killed, or -errno. */
int payload_stop(pid_t pid, int signal, uint64_t timeout_usec);
