/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PublishPort= at a container's start. */
#pragma once

#include "host/bundle.h"
#include "kind/container/container.h"
#include "network/attachment.h"
#include "network/ports.h"

/* Reserves the container's ports by sockets that go into the unit's descriptor store, and has them
 * lead to the container. A port that somebody has is an error in `diagnostics`, which says who.
 * Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int published_ports_open(const Container *container, const Attachments *attachments, const Bundle *bundle,
                         Diagnostics *diagnostics);

/* The same for a container whose ports a program is to listen at: free ones are chosen and all are
 * looked at, but left for the program; `ret` gets them, to be released by the caller. */
int published_ports_leave(const Container *container, bool ipv6, const Bundle *bundle, Diagnostics *diagnostics,
                          PublishedPorts *ret);

/* Takes back what an effect says: ports, and the number of sockets. Returns 0 or -errno. */
int published_ports_undo(const char *text, const char *sockets);
