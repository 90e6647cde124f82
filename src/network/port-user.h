/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who on this machine has a port. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Finds the process that has a socket at the port, in this process's network namespace. Returns 1
 * with "nginx (process 123)", or "a program of another user" when it may not be seen; 0 when nobody
 * is found; or -ENOMEM. Caller frees. */
int port_user_find(int protocol, uint16_t port, char **ret);

/* Returns whether nobody but systemd has a socket at the port, or nobody any more: what systemd
 * gives up it closes in the background. */
bool port_is_given_up(int protocol, uint16_t port);
