/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is gathered from. */
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
        char *const *environment;  /* the service's; NULL: this process's own */
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
