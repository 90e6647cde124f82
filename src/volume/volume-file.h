/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the name of a volume to its file on the search path, if it has one. */
#pragma once

#include "kind/volume.h"
#include "volume/volumes.h"

/* Reads STEM.volume. What is wrong with it goes to `diagnostics`. Returns 0 with a Volume that has
 * no errors, -ENOENT (not reported) when there is no such file, -EREPORTED (reported) when it is
 * masked or has errors, or -ENOMEM. */
int volume_file_read(const char *stem, Diagnostics *diagnostics, Volume **ret);

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
