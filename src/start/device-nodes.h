/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device nodes for a container with a user namespace, whose root does not own the machine's. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* Notes down in `facts->devices` where in the bundle each will be; nothing without a user
 * namespace, as the runtime makes them then. Returns 0 or -ENOMEM. */
int device_nodes_gather(const char *bundle_path, Facts *facts);

/* Makes them there, in this process's own mount namespace: of the same user and group in the
 * container as on the machine, or of root where the container has no such ID. `label` is the
 * SELinux context of the container's files, or NULL. Returns 0 or -errno. */
int device_nodes_make(const Bundle *bundle, const Facts *facts, const char *label);
