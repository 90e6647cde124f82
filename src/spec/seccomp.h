/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system call filter of the container's processes; see seccomp(2). Private to src/spec. */
#pragma once

#include "spec/build.h"

/* What an architecture is called in the OCI configuration ("SCMP_ARCH_X86_64"), followed by those whose system calls its kernel takes as well; NULL-terminated and
 * static. `name` is libseccomp's ("amd64"), as in Facts. NULL for one that is not known. */
const char *const *seccomp_architectures(const char *name);

/* linux.seccomp: the default filter, the profile of SeccompProfile=, or none. Returns 0, also with errors in `build->diagnostics`, or -ENOMEM. */
int build_seccomp(SpecBuild *build);
