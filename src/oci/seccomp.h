/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system call filter of the container's processes; see seccomp(2). Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* linux.seccomp: the default filter, the profile of SeccompProfile=, or none. Returns 0, also with
 * errors in `build->diagnostics`, or -ENOMEM. */
int build_seccomp(SpecBuild *build);
