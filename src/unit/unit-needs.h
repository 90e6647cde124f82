/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must be there before a container, or a pod, starts. */
#pragma once

#include "kind/container/container.h"
#include "unit/drop-in.h"

/* Adds the units and paths that the container waits for: other containers whose namespaces it
 * joins, volumes, images, networks, its pod, and directories of the host. Returns 0 or -ENOMEM. */
int unit_needs_add(const Container *container, UnitDropIn *drop_in);
