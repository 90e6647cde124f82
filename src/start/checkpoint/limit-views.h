/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of its unit's control group that a container sees in place of its own, mounted below
 * its /sys/fs/cgroup: see add_limits() in oci-mounts.c. CRIU takes them for mounts of that
 * directory, which would have to be there before itself. */
#pragma once

#include "host/bundle.h"

/* Takes those of the bundle's config.json out of the mount namespace of the process. What the
 * payload has made of these names there is its own affair: no other namespace is touched. Returns
 * 0 or -errno. */
int limit_views_hide(const Bundle *bundle, pid_t pid);

/* Puts them back. As above. */
int limit_views_show(const Bundle *bundle, pid_t pid);
