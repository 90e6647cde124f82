/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container sees of its unit's limits, and a checkpoint does not have. */
#include "start/checkpoint/limit-views.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/json.h"
#include "basic/string-list.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "start/bundle-config.h"

#define GROUP "/sys/fs/cgroup/"

enum { MOST = 16 };

typedef struct LimitViews {
        StringList sources, targets;
        int trees[MOST];
        size_t tree_count;
} LimitViews;

static void limit_views_done(LimitViews *views) {
        string_list_done(&views->sources);
        string_list_done(&views->targets);
        for (size_t i = 0; i < views->tree_count; i++)
                fd_close(views->trees[i]);
}
#define _cleanup_limit_views_ _cleanup_(limit_views_done)

static int add_mount(json_object *mount, LimitViews *views) {
        const char *source = json_get_string(mount, "source"), *target = json_get_string(mount, "destination");
        int r;

        if (!source || !target || !startswith(source, GROUP) || !startswith(target, GROUP))
                return 0;
        if (views->targets.count == MOST)
                return -E2BIG;
        r = string_list_add(&views->sources, source);
        return r < 0 ? r : string_list_add(&views->targets, target);
}

static int find(const Bundle *bundle, LimitViews *views) {
        _cleanup_json_object_ json_object *config = NULL;
        json_object *mounts;
        int r = bundle_config_read(bundle, &config);

        if (r < 0)
                return r;
        mounts = json_get_member(config, "mounts", json_type_array);
        for (size_t i = 0; mounts && i < json_object_array_length(mounts) && r >= 0; i++)
                r = add_mount(json_object_array_get_idx(mounts, i), views);
        return r;
}

static int hide(void *userdata) {
        const LimitViews *views = userdata;

        for (size_t i = 0; i < views->targets.count; i++)
                if (umount2(views->targets.items[i], MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL &&
                    errno != ENOENT)
                        return -errno;
        return 0;
}

static int open_trees(LimitViews *views) {
        struct mount_attr attributes = {
                .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV,
                .propagation = MS_PRIVATE,
        };

        for (size_t i = 0; i < views->sources.count; i++) {
                int fd = open_tree(AT_FDCWD, views->sources.items[i],
                                   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

                if (fd < 0)
                        return -errno;
                views->trees[views->tree_count++] = fd;
                if (mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
                        return -errno;
        }
        return 0;
}

static int show(void *userdata) {
        const LimitViews *views = userdata;

        for (size_t i = 0; i < views->tree_count; i++)
                if (move_mount(views->trees[i], "", AT_FDCWD, views->targets.items[i], MOVE_MOUNT_F_EMPTY_PATH) < 0)
                        return -errno;
        return 0;
}

static int visit(pid_t pid, int (*what)(void *userdata), LimitViews *views) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/mnt", (int) pid);
        _cleanup_close_ int fd = -EBADF;

        if (!path)
                return -ENOMEM;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : mounts_visit(fd, what, views);
}

int limit_views_hide(const Bundle *bundle, pid_t pid) {
        _cleanup_limit_views_ LimitViews views = {};
        int r = find(bundle, &views);

        return r < 0 || views.targets.count == 0 ? r : visit(pid, hide, &views);
}

int limit_views_show(const Bundle *bundle, pid_t pid) {
        _cleanup_limit_views_ LimitViews views = {};
        int r = find(bundle, &views);

        if (r < 0 || views.targets.count == 0)
                return r;
        r = open_trees(&views);
        return r < 0 ? r : visit(pid, show, &views);
}
