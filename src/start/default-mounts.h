/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directories and files that mounts.conf of the containers project gives every container:
 * containers-mounts.conf(5). */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* Reads /etc/containers/mounts.conf, or without that /usr/share/containers/mounts.conf, and notes
 * down in `facts->bind_files` where each goes; a source that does not exist is passed over.
 * `sources` gets those that are to be copied, in the same order. What is wrong with a line, or has
 * no place in this container, is a warning. Returns 0 or -errno. */
int default_mounts_gather(const Container *container, int root_fd, const char *bundle_path, Facts *facts,
                          StringList *sources, Diagnostics *diagnostics);

/* Copies them into the bundle, for the container's root user, as podman does: nothing that the
 * container does to them reaches the machine. `label` is their SELinux context, or NULL. What
 * cannot be copied is an error in `diagnostics`. Returns 0, -EREPORTED with a diagnostic, or
 * another -errno. */
int default_mounts_copy(const StringList *sources, const Bundle *bundle, const Facts *facts, const char *label,
                        Diagnostics *diagnostics);
