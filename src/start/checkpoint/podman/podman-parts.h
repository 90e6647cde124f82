/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in an archive of podman container checkpoint --export, by podman's names. */
#pragma once

#include "basic/diagnostics.h"

/* In a checkpoint's directory "new", until it is one of ours: all of the archive but CRIU's
 * images. */
#define PODMAN_PARTS "podman"

#define PODMAN_CONFIG "config.dump"        /* what podman knows of the container, in JSON */
#define PODMAN_SPEC "spec.dump"            /* its config.json */
#define PODMAN_NETWORK "network.status"    /* its addresses, in JSON */
#define PODMAN_ROOT "rootfs-diff.tar"      /* what is new in its root, or another, but for directories */
#define PODMAN_DELETED "deleted.files"     /* an array of what it has removed there */
#define PODMAN_SHM "devshm-checkpoint.tar" /* its /dev/shm */
#define PODMAN_IMAGES "checkpoint"         /* CRIU's, and the runtime's list of descriptors */
#define PODMAN_PRE "pre-checkpoint"        /* CRIU's of memory alone, for another archive */
#define PODMAN_VOLUMES "volumes"           /* its named volumes: "NAME.tar" */

/* Says that a part is no good; `name` is the archive's, and `why` may be NULL. Returns
 * -EREPORTED. */
int podman_part_damaged(const char *name, const char *part, const char *why, Diagnostics *diagnostics);

/* Unpacks the part, an archive that may be hostile, into the directory. Returns 0, -EREPORTED with
 * what is wrong, or another -errno. */
int podman_part_unpack(int fd, const char *part, int directory_fd, const char *name, Diagnostics *diagnostics);
