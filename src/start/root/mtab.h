/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /etc/mtab, by which getmntent(3) and others find what is mounted. */
#pragma once

#include "oci/facts.h"

/* Makes /etc/mtab of the root a link to /proc/mounts where there is nothing of this name, as podman
 * does, with no more rights than the container's root has. A root that cannot be written to stays
 * as it is. */
void mtab_make(int root_fd, const Facts *facts);
