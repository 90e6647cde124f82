/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connection that a container is started for (Accept=yes in [Socket]), and how it gets
 * there. */
#pragma once

/* Takes over the connection that the service "STEM.service" was started with, if it is waiting for
 * the container `stem` to start (verb hand-over), and puts it into our own unit's descriptor store
 * as "connection", systemd's name for it: so ExecStart= is passed it as a socket for the payload.
 * Returns 1, 0 when there is none, or -errno. */
int unit_connection_take(const char *stem);
