/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in the container a file of ours can be mounted. */
#pragma once

#include "oci/facts.h"

/* Where `path`, which may be a symlink, leads inside the root file system, when a regular file is
 * there or the runtime can make one: a missing one is no mount point on a read-only file system or
 * in a volume of the user's, and neither is anything below /dev, /proc and /sys, or what is no
 * regular file. `facts` must have the user's mount destinations. Returns 1 with `ret`, which the
 * caller frees, 0 when there is no place, or -errno. */
int mount_point_find(const Container *container, int root_fd, const Facts *facts, const char *path, char **ret);
