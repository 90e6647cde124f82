/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an import of a checkpoint does, be it ours or podman's. */
#pragma once

#include "kind/container/container.h"
#include "start/checkpoint/checkpoint-about.h"
#include "start/checkpoint/checkpoint-imported-volumes.h"

/* Finds the container's runtime. Returns 0, -EREPORTED when it is not installed, or another -errno.
 * Caller frees `ret`. */
int checkpoint_import_find_runtime(const Container *container, Diagnostics *diagnostics, char **ret);

/* Says what a result of checkpoint_about_machine() means: returns it, or -EREPORTED. */
int checkpoint_import_report_criu(int r, Diagnostics *diagnostics);

/* Compares the machine, and the container with its image, which is pulled when it is not there,
 * with those of a checkpoint. Returns 0, -EREPORTED with what does not fit, or another -errno. */
int checkpoint_import_check_fit(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics);

/* Makes the volumes ready whose content is in the archive, unless they are to be ignored, and lists
 * them for who unpacks that. Returns 0, -EREPORTED or another -errno. Caller frees `ret`, and
 * releases `volumes`. */
int checkpoint_import_open_volumes(const Container *container, const CheckpointAbout *about, bool ignore,
                                   Diagnostics *diagnostics, ImportedVolumes *volumes, ArchivedVolume **ret);

/* Has the container sleep with what is in "new", durably. Returns 0 or -errno. */
int checkpoint_import_commit(int lock_fd, const CheckpointAbout *about);
