/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a .volume file has mounted on its volume: in the machine's own mount namespace, for all
 * containers that are started later. */
#pragma once

#include "kind/volume.h"
#include "volume/volumes.h"

/* Mounts Device= on the volume. That it is to be unmounted is noted down before, below
 * /run/berth/volumes. Returns 0, -EREPORTED with a diagnostic when it cannot be mounted, or another
 * -errno. */
int volume_mount(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics);

/* Unmounts what volume_mount() has mounted for the volume of the file `stem`, whatever the file
 * says now. Nothing there is fine. What still has files open on it, such as a container that was
 * not stopped, keeps it until then. Returns 0 or -errno. */
int volume_unmount(const char *stem);
