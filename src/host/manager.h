/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connection to the service manager by sd-bus, for unit/, scope.c, and
 * health/health-action.c. */
#pragma once

#include <systemd/sd-bus.h>

#include "basic/alloc.h"

#define SYSTEMD_LIBRARY "libsystemd.so.0"
#define SYSTEMD_SERVICE "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"

/* Loads what manager_closep() needs, for whoever opens a bus by himself. Returns 0 or -ENOPKG. */
int manager_load(void);

/* Connects: over its private socket when we are root, without a bus daemon in between; else over
 * the system bus. Returns 0, -ENOPKG without libsystemd, or the error of the bus. */
int manager_open(sd_bus **ret);

/* Does something that needs the manager, and does it again while that executes itself anew (an
 * upgrade of systemd does that), for some seconds. Returns what `attempt` returns. */
int manager_retry(int (*attempt)(void *userdata), void *userdata);

/* Asks the manager something. Returns 0 or a positive result, or a negative errno. */
typedef int (*ManagerQuestion)(sd_bus *bus, void *userdata);

/* Connects and asks, by manager_retry(). Returns what `ask` returns, or the errors above. */
int manager_ask(ManagerQuestion ask, void *userdata);

void manager_closep(sd_bus **bus);
#define _cleanup_manager_ _cleanup_(manager_closep)
