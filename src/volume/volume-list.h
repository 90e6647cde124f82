/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All volumes: those that there are, and those that the files speak of. */
#pragma once

#include "kind/container/container.h"
#include "kind/volume.h"

typedef struct VolumeEntry {
        char *name;
        char *path;            /* of its content */
        Volume *volume;        /* NULL: it has no file */
        bool made, mounted;
        uint64_t size_bytes;   /* on disk; only when it was asked for */
        StringList containers; /* stems of the files that mount it */
        StringList running;    /* the IDs of containers that have it at the moment */
} VolumeEntry;

typedef struct VolumeEntries {
        VolumeEntry *items;
        size_t count, allocated;
} VolumeEntries;

/* Looks at the store and at all files of the search path, sorted by name. What is wrong with the
 * files is for `berth check` to say. Returns 0 or -errno. */
int volume_entries_get(bool sizes, VolumeEntries *ret);

void volume_entries_done(VolumeEntries *entries);
#define _cleanup_volume_entries_ _cleanup_(volume_entries_done)
