/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mount= as the keys that have a notation of their own for the same. */
#pragma once

#include "kind/container/container.h"

/* Whether a Mount= is of this type. */
bool mount_is(const Mount *mount, const char *type);

/* Moves each Mount= of type bind or volume to the container's volumes, and each of type tmpfs to
 * its tmpfs. What those cannot say, such as "volume-opt=", stays. Returns 0 or -ENOMEM. */
int container_take_mounts(Container *container);

/* Adds a volume for `path`, one of the files that the glob mount matches: in the directory that is
 * its destination, or without one at the same path. Returns 0 or -ENOMEM. */
int container_add_glob_match(Container *container, const Mount *glob, const char *path);
