/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All networks: those of files, and those that are up. */
#pragma once

#include "basic/string-list.h"

typedef struct NetworkEntry {
        char *stem, *name, *driver;
        char *interface; /* NULL: not known until it is up, or none of its own */
        char *path;      /* of its file; NULL: there is none any more */
        char *unit_name;
        StringList subnets, gateways; /* as text; of one that is not up what the file gives */
        bool up, internal;
} NetworkEntry;

typedef struct NetworkEntries {
        NetworkEntry *items;
        size_t count, allocated;
} NetworkEntries;

/* Finds them, in the order of their files' names. Templates are left out, but instances that are up
 * are not. Returns 0 or -errno; `ret` is to be released. */
int network_entries_get(NetworkEntries *ret);

void network_entries_done(NetworkEntries *entries);
#define _cleanup_network_entries_ _cleanup_(network_entries_done)
