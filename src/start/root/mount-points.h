/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mount points that the runtime could not make. */
#pragma once

#include <json-c/json.h>

#include "oci/facts.h"

/* Makes the mount points of `spec` that the root file system lacks, where the container has a user
 * namespace that knows nothing of the root directory's owner: the runtime is the container's root
 * then, who may not. What lies in another mount is left to the runtime, as is what cannot be made.
 * Returns 0 or -ENOMEM. */
int mount_points_make(json_object *spec, int root_fd, const Facts *facts);
