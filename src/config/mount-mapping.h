/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mappings that "idmap=" of Volume= and Rootfs= may give: "uids=0-1-10#10-11-10;gids=0-100-10",
 * podman-run(1). */
#pragma once

#include "config/id-map.h"

/* Parses the text. Each range is what is on disk, what that is on the machine, and how many; behind
 * "@" the second is an ID of the container, and so what `uids` or `gids`, the mappings of its user
 * namespace, make of it (without any it is the machine's). The kind of ID that the text leaves out
 * gets those mappings themselves, or else stays as it is. Returns 0; -EINVAL when the text is
 * wrong; -ENOENT when an ID behind "@" is not mapped; or -ENOMEM. */
int mount_mapping_parse(const char *text, const IdMap *uids, const IdMap *gids, IdMap *ret_uids, IdMap *ret_gids);

/* Whether the text can be such a mapping, whatever the user namespace is. */
bool mount_mapping_is_valid(const char *text);
