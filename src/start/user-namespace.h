/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which IDs of the machine a container's user namespace has. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* The mappings of a user namespace, as this process's own one sees them. Returns 0; -EINVAL when it
 * is this process's own; or another -errno. */
int user_namespace_read_maps(int namespace_fd, IdMap *ret_uids, IdMap *ret_gids);

/* The place where the file asks for the container's user namespace. */
Location user_namespace_place(const Container *container);

/* Works out the mappings of a user namespace of the container's own, or leaves them empty when it
 * has none. `root_fds` are of what the root file system is made of as it is on disk, whose highest
 * ID says how large UserNS=auto has to be. With `bundle` an automatic range is taken, recorded as
 * an effect; without one (for a look) it is the one that a start would get now. What is wrong is an
 * error in `diagnostics` at the key's place. Returns 0, -EREPORTED with a diagnostic, or another
 * -errno. */
int user_namespace_find_maps(const Container *container, const int root_fds[], size_t root_count, const Bundle *bundle,
                             Diagnostics *diagnostics, IdMap *ret_uids, IdMap *ret_gids);
