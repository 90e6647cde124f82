/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the file of a volume says of its content. */
#pragma once

#include "kind/volume.h"
#include "volume/volumes.h"

/* Makes the content of a volume unless it is there, owned by whom its file says. `volume` is NULL
 * for one without a file. Returns 1 when it was made, 0, -EREPORTED with a diagnostic when there is
 * no such owner, or another -errno. */
int volume_file_make(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics);

/* Gives what is mounted on the volume to whom its file says, if it says. As above. */
int volume_file_own(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics);

/* Makes sure that a volume of this name needs no file: nothing describes it by VolumeName=. Such a
 * file's other keys would be passed over. Returns 0, -EREPORTED (reported, at `where`, which may be
 * NULL), or -ENOMEM. */
int volume_file_check_plain(const char *name, const Location *where, Diagnostics *diagnostics);
