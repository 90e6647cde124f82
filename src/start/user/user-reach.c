/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/user-reach.h"

#include <errno.h>
#include <sys/mount.h>

#include "basic/text.h"
#include "host/mounts.h"
#include "host/runtime.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "start/bundle-config.h"

static int move(const char *before, const char *after, char **path) {
        const char *rest = *path ? startswith(*path, before) : NULL;
        char *moved;

        if (!rest || (*rest && *rest != '/'))
                return 0;
        moved = text_format("%s%s", after, rest);
        if (!moved)
                return -ENOMEM;
        free(*path);
        *path = moved;
        return 0;
}

static bool is_out_of_reach(const Facts *facts) {
        return user_root_is_entered() && facts->uid_map.count > 0 &&
               !(id_map_has_outside(&facts->uid_map, 0) && id_map_has_outside(&facts->gid_map, 0));
}

int user_reach_name(const char *bundle_path, Facts *facts) {
        /* Of the system's containers, with which a user's have nothing to do. */
        return is_out_of_reach(facts) ? move(bundle_path, place_path_of_system(PLACE_RUN), &facts->rootfs) : 0;
}

int user_reach_make(const Bundle *bundle, Facts *facts) {
        if (!is_out_of_reach(facts))
                return 0;
        if (mount(bundle->path, place_path_of_system(PLACE_RUN), NULL, MS_BIND | MS_REC, NULL) < 0)
                return -errno;
        return user_reach_name(bundle->path, facts);
}

int user_reach_make_again(const Bundle *bundle, const char *runtime) {
        const char *place = place_path_of_system(PLACE_RUN);
        int r;

        /* Not to read the configuration at each health check. */
        if (!user_root_is_entered() || runtime_is_crun(runtime))
                return 0;
        r = bundle_config_has_root_below(bundle, place);
        if (r <= 0)
                return r;
        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        return mount(bundle->path, place, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}
