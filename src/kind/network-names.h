/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network=NAME: which .network file that is. */
#pragma once

#include "config/types.h"
#include "source/sources.h"

/* What the files say in NetworkName=: read once, when it is first needed. Zero-initialise. */
typedef struct NetworkNames {
        StringList stems; /* "NAME=STEM" */
        bool read;
} NetworkNames;

/* Finds the network that is not named as a file: NAME.network; that with NetworkName=NAME; one that
 * podman keeps; and for "podman", which is what podman calls it, the default one. When there is
 * none, that is an error in `diagnostics`, which lists those there are. Returns 0, -EREPORTED, or
 * another -errno. Caller frees `ret_stem`. */
int network_names_resolve(NetworkNames *names, const Sources *sources, const NetworkAttachment *network,
                          Diagnostics *diagnostics, char **ret_stem);

static inline void network_names_done(NetworkNames *names) { string_list_done(&names->stems); }
#define _cleanup_network_names_ _cleanup_(network_names_done)
