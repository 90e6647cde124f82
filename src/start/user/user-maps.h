/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UserNS= in a user's service manager, where "outside" of the container's user namespace is that of
 * host/user/user-root.h: 0 is the user, the subordinate IDs are 1 and on. */
#pragma once

#include "kind/container/container.h"
#include "config/id-map.h"

/* Works out the mappings of UserNS=keep-id as podman has them: the user keeps its number, or has
 * those of "uid=" and "gid=", and the subordinate IDs are all others, from 0 on in their order;
 * with "size=" so many IDs, the user's own among them. Returns 0 or -errno. */
int user_maps_keep_id(const Container *container, IdMap *ret_uids, IdMap *ret_gids);

/* The same for UserNS=nomap: the subordinate IDs alone. Returns 0, -ENOSPC when there are none, or
 * another -errno. */
int user_maps_without_own(IdMap *ret_uids, IdMap *ret_gids);

/* Makes the container's process that of the user for UserNS=keep-id, unless the file names another;
 * before the image's own user is known, which podman, too, does not heed then. As above. */
int user_maps_choose_user(Container *container);

/* Cuts the mappings where those of this process's own user namespace, `own`, begin and end: the
 * kernel wants what each maps in one of these. As above. */
int user_maps_split(const IdMap *own, IdMap *map);

/* Reports what the mappings have outside that the user has not. As above, or -EREPORTED. */
int user_maps_check(const IdMap *uids, const IdMap *gids, const Location *where, Diagnostics *diagnostics);
