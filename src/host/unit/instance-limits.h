/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An instance of a template that was started by its name alone: the generator has not seen it, and
 * systemd knows nothing of what its file says about the unit. */
#pragma once

#include "kind/container/container.h"

/* Has systemd apply the file's limits to the running unit, where none of its drop-ins (paths) is
 * berth's and says them, takes back what was set so at an earlier start and the file says no more,
 * and warns of what else [Service] has and the unit cannot have any more. Returns 0, or -errno when
 * there are limits and they cannot be set: nothing is to run without. */
int instance_limits_apply(const Container *container, const StringList *drop_ins, Diagnostics *diagnostics);
