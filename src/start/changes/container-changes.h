/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container has changed in its root file system, as long as it runs. */
#pragma once

#include "basic/alloc.h"

typedef enum ChangeKind {
        CHANGE_ADDED = 'A',
        CHANGE_CHANGED = 'C', /* also a directory in which something has changed */
        CHANGE_DELETED = 'D', /* a directory, with all that was in it */
} ChangeKind;

typedef struct Change {
        ChangeKind kind;
        char *path; /* in the container */
} Change;

/* Zero-initialise with {}. */
typedef struct Changes {
        Change *items; /* by path */
        size_t count, allocated;
} Changes;

/* Compares the directory that an overlay is written to with those below it, the topmost first.
 * Whatever is in them may be hostile, and change meanwhile. Returns 0, -ELOOP when directories are
 * nested deeper than 128, -E2BIG with more than a million changes, or another -errno. */
int changes_compare(int upper_fd, const int lower_fds[], size_t lower_count, Changes *ret);

/* Finds those of a container. Returns 0; -ENOENT when it does not run; -EOPNOTSUPP when it writes
 * to the root file system itself, or to an overlay of a disk image, which nobody else can look
 * into; or as above. */
int container_changes_get(const char *stem, Changes *ret);

void changes_done(Changes *changes);
#define _cleanup_changes_ _cleanup_(changes_done)
