/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container had at the checkpoint from which a start goes on, and has to have again for
 * CRIU. */
#pragma once

#include "kind/container/container.h"
#include "network/attachment.h"
#include "start/namespaces.h"

typedef struct Former {
        char *upper;              /* what it had changed in its root, where that need not be there */
        Attachments attachments;  /* its networks */
        StringList addresses;     /* in place of these, where it was podman's */
        int shm_fd;               /* what was in its /dev/shm; -EBADF: CRIU sees to that */
        bool has_connections;     /* of TCP */
} Former;

#define FORMER_INIT { .shm_fd = -EBADF }

/* Reads all of it from the checkpoint that the start is to use up, and records that as an effect.
 * Returns 0 or -errno. `ret` is to be released. */
int former_find(const Bundle *bundle, Former *ret);

/* Makes its /dev/shm anew, with a label of SELinux or NULL, in `namespaces`, unless others have
 * that as well. Returns 0 or the errors of checkpoint_shm_mount(). */
int former_restore_shm(const Former *former, const Container *container, const Bundle *bundle, const char *label,
                       Namespaces *namespaces);

void former_done(Former *former);
#define _cleanup_former_ _cleanup_(former_done)
