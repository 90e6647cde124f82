/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device nodes, and which devices the container may use. Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* linux.devices. The standard ones (/dev/null, /dev/tty …) are made and allowed by every runtime:
 * "Default Devices" in the OCI runtime specification. */
void build_devices(SpecBuild *build);

/* Device nodes as bind mounts, where the container is in a user namespace: nothing can make a node
 * there. Adds to `build->mounts`; linux.devices is then empty. Returns 0 or -ENOMEM. */
int add_device_mounts(SpecBuild *build);

/* linux.resources.devices: nothing, then what is allowed. The other limits are the unit's. */
void build_device_rules(SpecBuild *build);
