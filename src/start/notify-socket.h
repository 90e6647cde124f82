/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The socket of a container with Notify=yes, which container-notify@.socket has made: in the
 * bundle, from where it is mounted. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"
#include "oci/oci-labels.h"

/* Notes down in `facts->bind_files` where it goes. A root file system that has no place for it is
 * an error there. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int notify_socket_gather(const Container *container, int root_fd, const char *bundle_path, Facts *facts,
                         Diagnostics *diagnostics);

/* Links it into the bundle, before anything is mounted there: a link cannot cross mounts. As
 * above. */
int notify_socket_link(const Container *container, const Bundle *bundle, Diagnostics *diagnostics);

/* Gives it the SELinux label of the container's files, unless there is none. That the policy does
 * not let the container use it is a warning. Returns 0 or -errno. */
int notify_socket_label(const Container *container, const Bundle *bundle, const ContainerLabels *labels,
                        Diagnostics *diagnostics);
