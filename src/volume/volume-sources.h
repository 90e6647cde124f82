/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with the source of a volume before it is mounted: "z" and "Z" label it, "U" gives it
 * to the container's user, "O" puts an overlay over it. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* Notes down in `facts->overlays` where in the bundle the overlay of each volume with "O" will be.
 * Returns 0 or -ENOMEM. */
int volume_sources_gather(const Container *container, const char *bundle_path, Facts *facts);

/* Does all of it, and mounts in the bundle what host_sources_gather() has noted down. Every source
 * must be there. Mounts are made in this process's own mount namespace; the upper directories of
 * overlays, save those that the file names, are recorded as an effect. `facts` must be complete;
 * `label` is the container's SELinux context for files, or NULL. Refuses what path_keeps_label()
 * and path_keeps_owner() say is the system's. Returns 0; -EREPORTED with a diagnostic at the
 * volume's place; or another -errno. */
int volume_sources_ready(const Container *container, const Bundle *bundle, const Facts *facts, const char *label,
                         Diagnostics *diagnostics);
