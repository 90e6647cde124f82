/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The capability sets of the container's first process; see capabilities(7). Private to this
 * folder. */
#pragma once

#include "oci/oci-build.h"

/* The number of a capability by its name, "CAP_CHOWN", or -1. */
int capability_number(const char *name);

/* Works out the sets from AddCapability=, DropCapability=, Privileged= and the user. Added ones
 * that the machine lacks are errors in `build->diagnostics`; what [Service] keeps from the
 * container is left out. Returns 0 or -ENOMEM. */
int capabilities_compute(const SpecBuild *build, CapabilitySets *ret);

/* process.capabilities */
void build_capabilities(SpecBuild *build);
