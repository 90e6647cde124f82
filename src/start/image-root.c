/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a start that is about the container's image. */
#include "start/image-root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/root.h"
#include "image/find.h"

int container_open_image(Container *container, Diagnostics *diagnostics, ImageUse *ret) {
        Location where = container_where(container, KEY_Container_Image);
        int r = image_open(container->image, container->pull, &where, diagnostics, ret);

        return r < 0 ? r : image_config_apply(&ret->config, container, diagnostics);
}

/* Nobody else is in this root yet, so that a path without symlinks stays one. Returns 1 when
 * something was made, 0, or -errno. */
static int make_directory(int root_fd, const char *path, char **ret_resolved) {
        struct stat st;
        int r;

        r = root_resolve(root_fd, path, ret_resolved);
        if (r < 0)
                return r;
        if (streq(*ret_resolved, "/") || fstatat(root_fd, *ret_resolved + 1, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        r = make_directories_at(root_fd, *ret_resolved + 1, 0755);
        return r < 0 ? r : 1;
}

/* By an ID of the container. */
static int give_directory(int root_fd, const char *resolved, const Facts *facts, uint32_t uid, uint32_t gid) {
        if (facts_uid_outside(facts, uid, &uid) < 0 || facts_gid_outside(facts, gid, &gid) < 0)
                return 0;
        return fchownat(root_fd, resolved + 1, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* What the image calls a volume may be a symlink of the image's, which leads anywhere. */
static int make_volume(const Container *container, const char *path, int root_fd, const Facts *facts,
                       Diagnostics *diagnostics) {
        _cleanup_free_ char *resolved = NULL;
        int r;

        r = root_resolve(root_fd, path, &resolved);
        if (r < 0)
                return r;
        if (image_volume_is_refused(resolved) || streq(resolved, "/")) {
                Location where = container_where(container, KEY_Container_Image);

                return diagnose_error(diagnostics, &where, "the image's volume \"%s\" is a symlink to %s", path,
                                      resolved);
        }
        resolved = x_free(resolved);
        r = make_directory(root_fd, path, &resolved);
        return r > 0 ? give_directory(root_fd, resolved, facts, facts->uid, facts->gid) : r;
}

int make_image_directories(const Container *container, int root_fd, const Facts *facts, Diagnostics *diagnostics) {
        _cleanup_free_ char *working_dir = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < container->image_volumes.count; i++)
                r = make_volume(container, container->image_volumes.items[i], root_fd, facts, diagnostics);
        /* A working directory that the file names must exist, as with podman. */
        if (r < 0 || !container->working_dir || container->set.entry[KEY_Container_WorkingDir])
                return r < 0 ? r : 0;
        r = make_directory(root_fd, container->working_dir, &working_dir);
        if (r > 0)
                r = give_directory(root_fd, working_dir, facts, facts->uid, facts->gid);
        return r < 0 ? r : 0;
}
