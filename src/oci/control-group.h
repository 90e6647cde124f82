/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a container's control group is. */
#pragma once

#include "basic/alloc.h"

/* The scope of a container with CgroupsMode=enabled, "berth-web.scope", by the same rule as
 * "slice:prefix:name" in a cgroupsPath: the stem, escaped as systemd-escape(1) does, behind a
 * prefix. Returns 0, -EINVAL when that is too long for a unit's name, or -ENOMEM. Caller frees. */
int container_scope_name(const char *stem, char **ret);

/* The control group of the scope: it is in the same slice as the unit, whose group is `unit_group`.
 * Returns 0, -EINVAL for no group of a unit, or -ENOMEM. Caller frees. */
int container_scope_group(const char *unit_group, const char *scope, char **ret);
