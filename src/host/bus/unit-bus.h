/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the service manager about a unit, without libsystemd: of all that a start does itself,
 * loading that took longest. And a connection of its own costs the manager more than a millisecond,
 * and all that it tells anybody, so that the bus daemon's is used where there is one. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

typedef struct UnitProperty {
        const char *interface; /* the last part of its name: "Unit", "Service" */
        const char *name;
        const char *signature; /* of its type, and what `ret` is, as for bus_message_read_value() */
        void *ret;             /* NULL: it is not asked for */
} UnitProperty;

/* Asks for those properties of a unit whose `ret` is not NULL, all at once: a user's own manager
 * over the user's bus, the system's over the system bus, and over its private socket (the system's
 * as root) when the bus is not there or does not answer, as early in a boot. While the manager
 * executes itself anew (an upgrade of systemd does that) it is asked again, for some seconds.
 * Returns 0, -ENOENT when there is no such unit or property, or -errno; some of the answers may
 * have been taken in then. */
int unit_bus_get(const char *unit_name, const UnitProperty properties[], size_t count);

/* Asks as unit_bus_get() does, and does not wait for the answers. Returns an fd of the connection,
 * which caller hands to unit_bus_take() or closes, or -errno: unit_bus_take() takes that as well.
 * What `ret` points to is not written to. */
int unit_bus_ask(const char *unit_name, const UnitProperty properties[], size_t count);

/* Takes the answers to unit_bus_ask(), which must have had the same unit and properties, or asks
 * once more when that has failed. Closes the fd. Returns what unit_bus_get() returns. */
int unit_bus_take(int asked_fd, const char *unit_name, const UnitProperty properties[], size_t count);
