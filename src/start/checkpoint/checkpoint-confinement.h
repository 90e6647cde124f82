/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a restored process is held by: SELinux's label and AppArmor's profile, which CRIU has to
 * give back. */
#pragma once

#include "basic/diagnostics.h"
#include "host/bundle.h"

/* Whether the container of the bundle has a label of SELinux's. Returns 1, 0, or -errno. */
int checkpoint_is_labelled(const Bundle *bundle);

/* Says in CRIU's words what the container of the bundle is to be held by, whatever was written down
 * with its processes; NULL stays when there is nothing. Returns 0 or -errno. Caller frees. */
int checkpoint_get_profile(const Bundle *bundle, char **ret);

/* Looks whether the container's first process has the label and the profile that the bundle says,
 * and kills it when it has not. Returns 0, -EREPORTED with what it has, or another -errno. */
int checkpoint_check_confinement(const Bundle *bundle, pid_t pid, Diagnostics *diagnostics);
