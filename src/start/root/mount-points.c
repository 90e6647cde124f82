/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mount points in a root file system whose owner is not mapped, made as the machine's root. Each
 * directory on the way is opened inside of the root anew, so that whoever changes the tree
 * meanwhile gets at most an empty directory or file of root's within it. */
#include "start/root/mount-points.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/root.h"

static int make_one(int root_fd, const char *path, bool directory) {
        _cleanup_free_ char *parent = path_dirname(path);
        _cleanup_close_ int parent_fd = -EBADF, fd = -EBADF;

        if (!parent)
                return -ENOMEM;
        parent_fd = root_open(root_fd, parent, O_PATH | O_DIRECTORY);
        if (parent_fd < 0)
                return parent_fd;
        if (directory)
                return mkdirat(parent_fd, path_basename(path), 0755) < 0 && errno != EEXIST ? -errno : 0;
        fd = openat(parent_fd, path_basename(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        return fd < 0 && errno != EEXIST ? -errno : 0;
}

/* With all that is above it. */
static int make(int root_fd, const char *path, bool directory) {
        int r = 0;

        for (const char *p = strchr(path + 1, '/'); p && r >= 0; p = strchr(p + 1, '/')) {
                _cleanup_free_ char *above = strndup(path, (size_t) (p - path));

                r = above ? make_one(root_fd, above, true) : -ENOMEM;
        }
        return r < 0 ? r : make_one(root_fd, path, directory);
}

static const char *text_of(json_object *mount, const char *name) {
        return json_object_get_string(json_object_object_get(mount, name)) ?: "";
}

static bool is_in_another(json_object *mounts, json_object *mount) {
        for (size_t i = 0; i < json_object_array_length(mounts); i++) {
                json_object *other = json_object_array_get_idx(mounts, i);

                if (other != mount && path_is_below(text_of(mount, "destination"), text_of(other, "destination")))
                        return true;
        }
        return false;
}

/* What is bound on a file is one. */
static bool is_directory(json_object *mount) {
        struct stat st;

        return !streq(text_of(mount, "type"), "bind") || stat(text_of(mount, "source"), &st) < 0 ||
               S_ISDIR(st.st_mode);
}

int mount_points_make(json_object *spec, int root_fd, const Facts *facts) {
        json_object *mounts = json_object_object_get(spec, "mounts");
        struct stat st;

        if (facts->uid_map.count == 0 || !mounts || fstat(root_fd, &st) < 0 ||
            id_map_has_outside(&facts->uid_map, st.st_uid))
                return 0;
        for (size_t i = 0; i < json_object_array_length(mounts); i++) {
                json_object *mount = json_object_array_get_idx(mounts, i);

                if (!is_in_another(mounts, mount) &&
                    make(root_fd, text_of(mount, "destination"), is_directory(mount)) == -ENOMEM)
                        return -ENOMEM;
        }
        return 0;
}
