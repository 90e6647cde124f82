/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers the facts about this machine that a container's configuration depends on. Reads only. */
#pragma once

#include "start/confinement.h"
#include "start/generated-files.h"
#include "start/namespaces.h"
#include "start/networking.h"
#include "start/secrets.h"
#include "volume/volume-uses.h"

/* What the caller found out before. */
typedef struct GatherInput {
        const char *rootfs_path;   /* what the runtime will be given */
        int root_fd;               /* the root file system to look users and paths up in */
        const char *control_group; /* of the unit; NULL: not known */
        const char *bundle_path;   /* where `files` will be */
        const Namespaces *namespaces;
        const Networking *networking; /* NULL: for a look, without addresses */
        const char *id;            /* the container's */
        Confinement *confinement;  /* moved from */
        Secrets *secrets;          /* filled; NULL: for a look, without what they are */
        StringList *default_mounts; /* filled: what mounts.conf has to be copied */
        GeneratedFiles *files;     /* filled */
        VolumeUses *volumes;       /* filled */
} GatherInput;

/* Fills `ret`. What is wrong with the file on this machine (an unknown user, a missing device,
 * volume source or environment file) is an error in `diagnostics` at the key's place. Returns 0,
 * -EREPORTED when there was such an error, or another -errno when the machine could not be
 * asked. */
int facts_gather_at(const Container *container, const GatherInput *input, Facts *ret, Diagnostics *diagnostics);

/* The same for a look without a start (`berth spec`): a Rootfs= directory is opened, a disk image
 * cannot be looked into and is an error, and for Image= `image_fd` is of the image's root; the
 * control group is the one that systemd would give. */
int facts_gather(const Container *container, int image_fd, Facts *ret, Diagnostics *diagnostics);
