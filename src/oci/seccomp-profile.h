/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A user's seccomp profile. Private to this folder. */
#pragma once

#include "oci/facts.h"

/* Turns the profile in `facts->seccomp_profile`, which was read from `file`, into linux.seccomp for
 * this machine and a container with the bounding set `capabilities`. It has the format of the
 * containers project and docker (containers-seccomp.json(5)), of which linux.seccomp of the OCI
 * configuration is a part. The first fault is an error in `diagnostics`, at `file`, and names the
 * member; members that are not known are warnings. System calls are not looked up: runtimes pass
 * over names that they do not know. Returns 0, -EREPORTED (reported) or -ENOMEM. Caller puts
 * `ret`. */
int seccomp_profile_resolve(const char *file, const Facts *facts, uint64_t capabilities, Diagnostics *diagnostics,
                            json_object **ret);
