/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The volumes whose content is in a checkpoint's archive, made ready for it. */
#pragma once

#include "start/checkpoint/checkpoint-archive.h"
#include "start/checkpoint/checkpoint-store.h"
#include "volume/volumes.h"

typedef struct ImportedVolume {
        char *name, *path; /* of the volume, and in the archive */
        LockedVolume locked;
        int fd;            /* where its content is unpacked, beside its own */
        bool made, done;
} ImportedVolume;

/* Zero-initialise with {}. */
typedef struct ImportedVolumes {
        ImportedVolume *items;
        size_t count;
} ImportedVolumes;

/* Opens those that the archive speaks of, each of which the container must mount, and which must be
 * empty, or not there. Nobody else can use them meanwhile. Returns 0, -EREPORTED or another
 * -errno. `ret` is to be released. */
int imported_volumes_open(const char *stem, const StringList *names, Diagnostics *diagnostics, ImportedVolumes *ret);

/* Puts what has been unpacked in the place of their content, durably. Returns 0 or -errno. */
int imported_volumes_finish(ImportedVolumes *volumes);

/* Also removes what has been unpacked and not put in place. */
void imported_volumes_done(ImportedVolumes *volumes);
#define _cleanup_imported_volumes_ _cleanup_(imported_volumes_done)
