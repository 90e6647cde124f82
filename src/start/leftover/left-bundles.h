/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bundles of containers that have ended without a cleanup. A unit that is masked while it runs has
 * no ExecStopPost= any more, and no next start that would make up for it. */
#pragma once

#include "basic/string-list.h"

/* Appends the names of containers that have a bundle, and a unit that neither runs nor is about to,
 * sorted. Returns 0; the error of the bus; or another -errno. */
int left_bundles_find(StringList *ret_stems);

/* Undoes what the container's last start has done, unless it is being started by now. Returns 1; 0
 * when there is nothing to undo any more; or -errno. */
int left_bundle_undo(const char *stem);
