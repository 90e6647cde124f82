/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStopPost= of container-volume@.service: unmounts what was mounted on the volume. Nothing in
 * it is removed. */
#include "basic/log.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "volume/volume-mount.h"

int verb_volume_down(const char *instance) {
        _cleanup_free_ char *stem = NULL;
        int r = refuse_by_hand(FILE_VOLUME, instance);

        if (r < 0)
                return r;
        r = stem_from_instance(instance, &stem);
        if (r < 0)
                return log_error_errno(r, "Failed to understand the name \"%s\": %m", instance);
        r = volume_unmount(stem);
        return r < 0 ? log_error_errno(r, "Failed to unmount the volume of %s: %m", stem) : 0;
}
