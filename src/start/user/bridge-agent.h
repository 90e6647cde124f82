/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces between a user's bridges and a container. Both network namespaces take part in each,
 * and the kernel asks for power over both: that of the container belongs to its own user namespace,
 * from which there is no way back up. So before a start enters that, it leaves a process above,
 * which does this one thing for it and ends. */
#pragma once

#include "host/bundle.h"
#include "network/attachment.h"

/* Starts the process, while this one is still outside of all. Returns 0, -ENOENT when the user's
 * networks are not up, or another -errno. */
int bridge_agent_start(void);

/* Has it do as attachments_apply(), with what attachments_write() has left in the bundle, and ends
 * it. What comes to the container by a program is not to lead out by a bridge. Returns as that, or
 * -ENOTCONN without the process. */
int bridge_agent_attach(const Bundle *bundle, const Attachments *attachments, int namespace_fd,
                        const NetworkState **ret_network);

/* Ends it, if it is there. */
void bridge_agent_end(void);
