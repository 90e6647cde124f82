/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image's files for a user's container whose user namespace has IDs of its own (UserNS=keep-id).
 * The kernel lets only the machine's root show them with other owners, so there is a copy of them,
 * as with podman: made by the first start that needs it, kept in the store as a layer that no image
 * has, and removed with what is not in use. */
#pragma once

#include "config/id-map.h"
#include "start/rootfs.h"

/* Replaces the layers of `parts` by one directory, in which who is `inside` for the mappings owns
 * what had that number. `manifest` is the image's. Notes down in the bundle that it is in use.
 * Returns 0; -ERANGE when the image has files of IDs that are not mapped; or another -errno. */
int mapped_layers_use(const char *manifest, const IdMap *uids, const IdMap *gids, const Bundle *bundle,
                      RootParts *parts);
