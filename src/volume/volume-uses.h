/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The volumes that a container mounts: which they are, and making them ready for it. */
#pragma once

#include "host/bundle.h"
#include "kind/volume.h"
#include "oci/facts.h"

typedef struct VolumeUse {
        const VolumeMount *mount; /* of the container */
        Volume *volume;           /* of a volume with a file; owned */
        char *name;               /* of its directory, in `directory` */
        char *directory;          /* PLACE_VOLUMES, or a directory of the container's own when it is anonymous */
        char *place;              /* in the bundle, where it is mounted from there; or NULL */
} VolumeUse;

typedef struct VolumeUses {
        VolumeUse *items;
        size_t count, allocated;
} VolumeUses;

/* Finds out which volumes the container mounts, and notes down in `facts->volumes` where each is;
 * reads only. `id` is the container's (container_id_for()). A part of a volume is mounted from the
 * bundle, where no other container can exchange it for a symlink; and so is every volume of a
 * container with a user namespace, whose root cannot go to PLACE_VOLUMES. Returns 0, -EREPORTED
 * with a diagnostic, or another -errno. */
int volume_uses_find(const Container *container, const char *id, const char *bundle_path, Facts *facts, VolumeUses *ret,
                     Diagnostics *diagnostics);

/* Makes those that are not there yet, fills empty ones from the root file system, and notes down in
 * the bundle which named ones are in use; anonymous ones are an effect. `facts` are those of the
 * container, complete. As above; what the machine refused is told with the volume's place, as an
 * error. */
int volume_uses_ready(const VolumeUses *uses, const Bundle *bundle, int root_fd, const Facts *facts,
                      Diagnostics *diagnostics);

/* Adds the IDs of all containers that were started, and not cleaned up after, with this volume.
 * Returns 0 or -errno. */
int volume_find_users(const char *name, StringList *ids);

void volume_uses_done(VolumeUses *uses);
#define _cleanup_volume_uses_ _cleanup_(volume_uses_done)
