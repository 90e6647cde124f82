/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container has changed in its root file system. */
#include "start/changes/container-changes.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/path.h"
#include "host/bundle.h"
#include "image/catalog.h"
#include "kind/load.h"
#include "start/rootfs.h"

/* The directories that the container's own is over. */
typedef struct Lower {
        int *fds; /* the topmost first */
        size_t count, allocated;
} Lower;

static void lower_done(Lower *lower) {
        for (size_t i = 0; i < lower->count; i++)
                fd_close(lower->fds[i]);
        lower->fds = x_free(lower->fds);
        lower->count = lower->allocated = 0;
}

/* Takes over `fd`, which may be an error. */
static int add_lower(Lower *lower, int fd) {
        int r = fd < 0 ? fd : ARRAY_RESERVE(lower->fds, lower->allocated, lower->count + 1);

        if (r < 0) {
                fd_close(fd);
                return r;
        }
        lower->fds[lower->count++] = fd;
        return 0;
}

static int add_layers(const StringList *diff_ids, Lower *lower) {
        Store store = STORE_INIT;
        int r;

        r = store_open_existing(NULL, &store);
        for (size_t i = 0; i < diff_ids->count && r >= 0; i++)
                r = add_lower(lower, store_open_layer(&store, diff_ids->items[i]));
        store_done(&store);
        return r;
}

/* Returns 1, 0 when it has no image, or -errno. */
static int find_layers(const char *id, Lower *lower) {
        _cleanup_images_in_use_ ImagesInUse in_use = {};
        int r = images_in_use_read(NULL, &in_use);

        if (r < 0)
                return r;
        for (size_t i = 0; i < in_use.count; i++)
                if (in_use.items[i].own && streq(in_use.items[i].container, id)) {
                        r = add_layers(&in_use.items[i].diff_ids, lower);
                        return r < 0 ? r : 1;
                }
        return 0;
}

static int find_rootfs(const char *stem, Lower *lower) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = NULL;
        int r = container_look_up(stem, NULL, &diagnostics, &container);

        if (r == -ENOENT || r == -EREPORTED)
                return -EOPNOTSUPP;
        if (r < 0)
                return r;
        return container->rootfs.path && container->rootfs.overlay ? add_lower(lower, rootfs_open_directory(container))
                                                                   : -EOPNOTSUPP;
}

static int open_upper(const Bundle *bundle) {
        _cleanup_free_ char *base = path_join(place_path(PLACE_CONTAINERS), bundle->id),
                            *upper = base ? path_join(base, "upper") : NULL;
        int fd = upper ? open(upper, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -ENOMEM;

        if (!upper || fd >= 0)
                return fd;
        return errno == ENOENT ? -EOPNOTSUPP : -errno;
}

int container_changes_get(const char *stem, Changes *ret) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_(lower_done) Lower lower = {};
        _cleanup_close_ int upper_fd = -EBADF;
        int r;

        r = bundle_open(stem, &bundle);
        if (r < 0 || bundle.fd < 0)
                return r < 0 ? r : -ENOENT;
        upper_fd = open_upper(&bundle);
        if (upper_fd < 0)
                return upper_fd;
        r = find_layers(bundle.id, &lower);
        if (r == 0)
                r = find_rootfs(stem, &lower);
        return r < 0 ? r : changes_compare(upper_fd, lower.fds, lower.count, ret);
}
