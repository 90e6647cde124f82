/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranges of IDs for UserNS=auto, each one container's alone while it runs.
 *
 * They come from the subordinate IDs of the user "containers" where /etc/subuid and /etc/subgid
 * have some, as podman takes them; else from what systemd sets aside for containers (its document
 * "Users, Groups, UIDs and GIDs on systemd Systems"): chunks of 65536 IDs between 524288 and
 * 1879048191, chosen as systemd-nspawn --private-users=pick does, with the lock of /etc/passwd
 * held, and not where the user database or an nspawn has one already. Where a container looks first
 * depends on its name, so that it gets the same range again whenever that is free. Those of a
 * user's containers are among the IDs of host/user/user-root.h, without the user's own. */
#pragma once

#include "config/id-map.h"
#include "host/bundle.h"

enum { ID_CHUNK = 65536 };

typedef struct IdRangeRequest {
        const char *id;     /* the container's: the search begins where it says, and what it has already is free */
        uint32_t count;     /* how many IDs, at least 1 */
        const IdMap *avoid_uids, *avoid_gids; /* whose outside IDs are not to be in the range */
} IdRangeRequest;

/* Whether ranges come from subordinate IDs, of "containers" or of this user. Returns 1 or 0, or
 * -errno. */
int id_ranges_are_subordinate(void);

/* Finds a free range, and with `bundle` takes it and records that as an effect. Returns 0; -ENOSPC
 * when there is none; or another -errno. */
int id_ranges_take(const IdRangeRequest *request, const Bundle *bundle, uint32_t *ret_first);

/* Gives back the range `range` ("524288-65536") that is taken for `owner`. Anything else, and what
 * is given back already, is left alone. Returns 0 or -errno. */
int id_ranges_give_back(const char *range, const char *owner);
