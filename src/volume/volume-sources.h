/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the options of Volume= do to its source before it is mounted: "U" gives it to the
 * container's user, "O" puts an overlay over it. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* Notes down in `facts->overlays` where in the bundle the overlay of each volume with "O" will be.
 * Returns 0 or -ENOMEM. */
int volume_sources_gather(const Container *container, const char *bundle_path, Facts *facts);

/* Does both; every source must be there. The overlays are mounted in this process's own mount
 * namespace, and their upper directories, save those that the file names, are recorded as an
 * effect. `facts` must be complete; `label` is the SELinux context of overlays, or NULL. Returns 0;
 * -EREPORTED with a diagnostic at the volume's place; or another -errno. */
int volume_sources_ready(const Container *container, const Bundle *bundle, const Facts *facts, const char *label,
                         Diagnostics *diagnostics);
