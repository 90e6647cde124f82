/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What [Service] says to confine the service, in the words of the OCI configuration; see
 * config/sandbox.def. Its system calls are confine-calls.h's. */
#pragma once

#include "oci/oci-build.h"

/* The capabilities that the settings leave a container, as a bit mask. Returns 0 or -ENOMEM. */
int confine_capabilities(const UnitFile *unit, uint64_t *ret);

/* Adds to the masked and the read-only paths, changes the mount of /proc, and adds temporary file
 * systems, when the file's own mounts are known. What cannot be is in the diagnostics. Returns 0 or
 * -ENOMEM. */
int confine_paths(SpecBuild *build);
