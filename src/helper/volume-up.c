/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of container-volume@.service: makes the volume, and mounts what its file says. */
#include <errno.h>

#include "basic/log.h"
#include "config/value/values.h"
#include "helper/verbs.h"
#include "kind/load.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/powers.h"
#include "start/user/become-root.h"
#include "volume/volume-file.h"
#include "volume/volume-image.h"
#include "volume/volume-mount.h"

/* The volume of a file, or, when `ret` stays NULL, one that is only a name. */
static int find_volume(const char *stem, Diagnostics *diagnostics, Volume **ret) {
        int r;

        r = volume_look_up(stem, NULL, diagnostics, ret);
        if (r != -ENOENT)
                return r;
        if (!value_name_is_valid(stem))
                return diagnose_error(diagnostics, NULL, "there is no %s.volume, and \"%s\" is no volume's name", stem,
                                      stem);
        return volume_file_check_plain(stem, NULL, diagnostics);
}

static int make(const char *stem, const Volume *volume, Diagnostics *diagnostics) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        const char *name = volume ? volume_name(volume) : stem;
        int r;

        r = volume_lock(place_path(PLACE_VOLUMES), name, true, &locked);
        if (r >= 0)
                r = volume_file_make(volume, &locked, diagnostics);
        if (r >= 0 && volume && volume_is_image(volume))
                return volume_image_fill(volume, &locked, diagnostics);
        if (r < 0 || !volume || !volume->device)
                return r;
        r = volume_mount(volume, &locked, diagnostics);
        return r < 0 ? r : volume_file_own(volume, &locked, diagnostics);
}

int verb_volume_up(const char *instance) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_volume_ Volume *volume = NULL;
        _cleanup_free_ char *stem = NULL;
        int r;

        r = stem_from_instance(instance, &stem);
        if (r < 0)
                return log_error_errno(r, "Failed to understand the name \"%s\": %m", instance);
        /* What an earlier life may have left. */
        r = volume_unmount(stem);
        if (r < 0)
                return log_error_errno(r, "Failed to unmount what an earlier start of %s left: %m", stem);
        r = find_volume(stem, &diagnostics, &volume);
        /* Its owner, and those of what is in it, may be others than the user. */
        if (r >= 0)
                r = become_user_root(stem);
        /* The unit of the system says what is needed there; mount(8) may run what needs more. */
        if (r >= 0 && places_scope() == SCOPE_USER)
                r = privileges_keep(FILL_POWERS);
        if (r >= 0)
                r = make(stem, volume, &diagnostics);
        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to make the volume %s: %m", stem) : 0;
}
