/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Driver=image: a volume that begins as what an image has in it. */
#pragma once

#include "kind/volume.h"
#include "volume/volumes.h"

/* Fills a new volume from its image, which is in the store. Enters a mount namespace of this
 * process's own. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int volume_image_fill(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics);
