/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passing a payload's notifications on to systemd, in the name of the unit's main process. The
 * payload cannot have systemd's own socket: as the host's uid 0 it could name any process there. */
#pragma once

/* Takes the messages that come to a socket, and passes on what notification_filter() lets through,
 * until none has come for a while. Returns 0 or -errno. */
int notify_pass(int socket_fd, const char *unit_name);
