/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device nodes of this machine for AddDevice= and Privileged=. */
#pragma once

#include "oci/facts.h"

/* Appends what AddDevice= names by a path: the node, or every node below a directory. An optional
 * one that is missing is left out; anything else that is no device is an error in `diagnostics`.
 * Returns 0, -EREPORTED (reported), or -errno. */
int devices_gather(const DeviceList *wanted, FactDeviceList *devices, Diagnostics *diagnostics);

/* Appends every device node below /dev, save terminals and what the container gets one of its own
 * of. Returns 0 or -errno. */
int devices_gather_all(FactDeviceList *devices);
