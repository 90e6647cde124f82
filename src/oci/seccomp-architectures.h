/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The architectures that a system call filter is for. */
#pragma once

/* What an architecture is called in the OCI configuration ("SCMP_ARCH_X86_64"), followed by those
 * whose system calls its kernel takes as well; NULL-terminated and static. `name` is libseccomp's
 * ("amd64"), as in Facts. NULL for one that is not known. */
const char *const *seccomp_architectures(const char *name);
