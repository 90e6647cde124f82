/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An overlay that is written to, and what was written thrown away with the container. */
#pragma once

#include "host/mounts.h"

/* Makes the directories "upper" and "work" below `base`, which the caller has recorded as an effect
 * and emptied, but for an "upper" that the container goes on with, and mounts `overlay`, whose own
 * upper and work directory are not set, with them. Returns 0 or -errno. */
int throw_away_mount(const char *base, OverlayMount overlay);

/* As mounts_overlay_reason(), of such an overlay. */
char *throw_away_reason(int error);
