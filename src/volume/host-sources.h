/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Volume= mounts of the machine itself: found in a way that no user can use for what is not
 * that user's, and mounted as it was found. */
#pragma once

#include "basic/safe-path.h"
#include "host/bundle.h"
#include "oci/facts.h"

/* Opens the host's path that stands at `where`. A user's symlink to what that user does not own is
 * refused. Returns 0, -EREPORTED with a diagnostic, or -ENOMEM. */
int host_source_open(const char *path, const Location *where, SafePath *ret, Diagnostics *diagnostics);

/* Looks at the source of each such volume, and notes down in `facts->volumes` where in the bundle
 * those will be mounted that a user could exchange between this look and the runtime's mount.
 * Others are mounted from where they are. Notes down as well what the mounts that they are on keep
 * from those who use them. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int host_sources_gather(const Container *container, const char *bundle_path, Facts *facts, Diagnostics *diagnostics);

/* Opens it again, in this process's own mount namespace, and mounts it in the bundle where that was
 * noted down. As above, or another -errno. */
int host_source_ready(const VolumeMount *volume, const Bundle *bundle, const Facts *facts, SafePath *ret,
                      Diagnostics *diagnostics);
