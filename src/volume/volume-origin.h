/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which directory of the machine's own is mounted on a volume by Device=. What is done to the
 * volume is done to that. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/safe-path.h"
#include "basic/text.h"

typedef struct VolumeOrigin {
        char *path;         /* without symlinks; NULL: the volume has none */
        bool may_be_chosen; /* as SafePath has it */
} VolumeOrigin;

/* Appends the line that notes down, below /run/berth/volumes, that `source` is mounted at
 * `data_path`. What is no directory, such as a disk, has owners and labels of its own, and is not
 * noted down. */
void volume_origin_append(Text *record, const char *data_path, const SafePath *source);

/* Looks for what was noted down of the volume at `data_path`. Returns 0 or -errno. */
int volume_origin_find(const char *data_path, VolumeOrigin *ret);

/* Says that those who can write to a directory could have chosen what is to be changed, for which
 * it is refused. `what` says by what ("mount option \"U\""). Returns -EREPORTED, or -ENOMEM. */
int volume_origin_diagnose_chosen(const Location *where, const char *what, const char *path,
                                  Diagnostics *diagnostics);

void volume_origin_done(VolumeOrigin *origin);
#define _cleanup_volume_origin_ _cleanup_(volume_origin_done)
