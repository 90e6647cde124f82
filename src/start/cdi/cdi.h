/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices by the container device interface (CDI): what AddDevice=nvidia.com/gpu=all means is in
 * files that the device's vendor writes. */
#pragma once

#include "oci/facts.h"

/* Finds the devices of `wanted` that are named so in the files *.json and *.yaml of /etc/cdi and
 * /run/cdi, of which the later wins, and adds what they do to a container to the facts. Only root's
 * files are read: they say what root is to mount and to run. `root_fd` is the container's root. A
 * device that is not there is an error, which lists those that are, unless it is optional; a file
 * that cannot be used is a warning. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int cdi_gather(const DeviceList *wanted, int root_fd, Facts *facts, Diagnostics *diagnostics);
