/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PublishPort= at a container's start. */
#pragma once

#include "host/bundle.h"
#include "kind/container/container.h"
#include "network/attachment.h"

/* Reserves the container's ports by sockets that go into the unit's descriptor store, and has them
 * lead to the container. A port that somebody has is an error in `diagnostics`, which says who.
 * Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int published_ports_open(const Container *container, const Attachments *attachments, const Bundle *bundle,
                         Diagnostics *diagnostics);

/* Takes back what an effect says: ports, and the number of sockets. Returns 0 or -errno. */
int published_ports_undo(const char *text, const char *sockets);
