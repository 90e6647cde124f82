/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about the IDs of its user namespace. Pure. */
#pragma once

#include "config/id-map.h"
#include "kind/container/container.h"

/* Takes "idmap" from the root and the volumes it does nothing for, with a warning: there is no user
 * namespace whose IDs they could have. */
void container_drop_idle_idmaps(Container *container, Diagnostics *diagnostics);

/* Whether it has a user namespace of its own, or shall get one: UserNS=auto, keep-id or nomap,
 * UIDMap=, GIDMap=, SubUIDMap= or SubGIDMap=. */
bool container_has_user_namespace(const Container *container);

/* The mappings of UIDMap= and GIDMap=; where only one of them is set, both are that one. Empty
 * where there are none. What overlaps is an error in `diagnostics` at the key, and left out. For a
 * user's container, "outside" is the user's namespace (host/user/user-root.h), whose own maps tell
 * which ID of the machine is which there ("@"); NULL where it is not there yet, and what says "@"
 * is left out. Returns 0, -EREPORTED with a diagnostic, or -ENOMEM. */
int container_id_maps(const Container *container, const IdMap *own_uids, const IdMap *own_gids,
                      Diagnostics *diagnostics, IdMap *ret_uids, IdMap *ret_gids);

/* UserNS=auto:…. `size` is 0 when none is asked for; the maps are what "uidmapping=" and
 * "gidmapping=" say. As above. */
typedef struct AutoUserNamespace {
        uint32_t size;
        IdMap uids, gids;
} AutoUserNamespace;

int container_auto_user_namespace(const Container *container, Diagnostics *diagnostics, AutoUserNamespace *ret);

/* The user and the group of UserNS=keep-id: those of "uid=" and "gid=", else of who runs this,
 * whose own ones are given. False when it is not asked for, or root keeps its ID without them. */
bool container_kept_user(const Container *container, uint32_t own_uid, uint32_t own_gid, uint32_t *ret_uid,
                         uint32_t *ret_gid);

/* Fills `rest` with the IDs of the container below `size` that `taken` does not map, mapped to
 * `base` and what follows: what an automatic range is for. Returns 0, or the error of
 * id_map_add(). */
int id_map_fill(const IdMap *taken, uint32_t size, uint32_t base, IdMap *rest);

/* How many IDs id_map_fill() takes. */
uint32_t id_map_missing(const IdMap *taken, uint32_t size);

/* What is wrong with all this, whatever the machine is: for container_check(). */
void container_check_user_namespace(const Container *container, Diagnostics *diagnostics);

void auto_user_namespace_done(AutoUserNamespace *ns);
#define _cleanup_auto_user_namespace_ _cleanup_(auto_user_namespace_done)
