/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/mapped-layers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/copy-tree.h"
#include "basic/files.h"
#include "basic/path.h"
#include "host/mounts.h"
#include "host/record.h"
#include "image/staging.h"
#include "image/store.h"

#define VIEW "image-view"
#define COPY "copy"

typedef struct Owners {
        const IdMap *uids, *gids;
        bool *missing;
} Owners;

static void translate(const void *userdata, uid_t *uid, gid_t *gid) {
        const Owners *owners = userdata;

        if (id_map_to_outside(owners->uids, *uid, uid) < 0 || id_map_to_outside(owners->gids, *gid, gid) < 0)
                *owners->missing = true;
}

static void describe(const char *kind, const IdMap *map, Text *text) {
        for (size_t i = 0; i < map->count; i++)
                text_appendf(text, "%s %u %u %u\n", kind, map->items[i].inside, map->items[i].outside,
                             map->items[i].count);
}

/* The same image with the same mappings has the same name. */
static int name_copy(const char *manifest, const IdMap *uids, const IdMap *gids, char ret[DIGEST_TEXT_SIZE]) {
        _cleanup_text_ Text text = {};

        text_appendf(&text, "%s\n", manifest);
        describe("uid", uids, &text);
        describe("gid", gids, &text);
        return text.failed ? -ENOMEM : digest_of_bytes(text.data, text.length, ret);
}

static int note_down(const Bundle *bundle, const char *digest) {
        _cleanup_close_ int fd = openat(bundle->fd, BUNDLE_IMAGE_FILE, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_text_ Text line = {};

        record_append(&line, "layer", digest, NULL);
        if (fd < 0 || line.failed)
                return fd < 0 ? -errno : -ENOMEM;
        return write_all(fd, line.data, line.length);
}

/* The image as a container would see it, to be read. */
static int open_view(const Bundle *bundle, const RootParts *parts) {
        _cleanup_free_ char *path = path_join(bundle->path, VIEW);
        int fd, r;

        if (!path)
                return -ENOMEM;
        if (parts->count == 1)
                fd = openat(parts->fds[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        else {
                r = make_directories_at(AT_FDCWD, path, 0700);
                if (r >= 0)
                        r = mounts_overlay(&(OverlayMount) { .lower_fds = parts->fds,
                                                             .lower_count = parts->count,
                                                             .target = path,
                                                             .flags = MS_RDONLY | MS_NODEV });
                if (r < 0)
                        return r;
                fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        return fd < 0 ? -errno : fd;
}

static int copy(const Staging *staging, int view_fd, const IdMap *uids, const IdMap *gids) {
        _cleanup_close_ int fd = -EBADF;
        bool missing = false;
        const Owners mapped = { uids, gids, &missing };
        int r;

        if (mkdirat(staging->fd, COPY, 0700) < 0)
                return -errno;
        fd = openat(staging->fd, COPY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = copy_tree(view_fd, fd, &(CopyOwners) { .translate = translate, .userdata = &mapped });
        if (r < 0)
                return r;
        if (missing)
                return -ERANGE;
        /* Of its many files none must be lost once it has its name. */
        return syncfs(fd) < 0 ? -errno : 0;
}

static int make(const Store *store, const char *digest, int view_fd, const IdMap *uids, const IdMap *gids) {
        _cleanup_staging_ Staging staging = STAGING_INIT;
        _cleanup_close_ int lock_fd = -EBADF, there = -EBADF;
        int r;

        r = store_lock_object(store, digest, &lock_fd);
        if (r < 0)
                return r;
        there = store_open_layer(store, digest);
        if (there != -ENOENT)
                return there < 0 ? there : 0;
        r = staging_open(store->fd, &staging);
        if (r >= 0)
                r = copy(&staging, view_fd, uids, gids);
        return r < 0 ? r : store_add_layer(store, staging.fd, COPY, digest);
}

/* Takes over `fd`. */
static void replace(RootParts *parts, int fd) {
        for (size_t i = 0; i < parts->count; i++)
                fd_close(parts->fds[i]);
        parts->fds[0] = fd;
        parts->count = 1;
}

int mapped_layers_use(const char *manifest, const IdMap *uids, const IdMap *gids, const Bundle *bundle,
                      RootParts *parts) {
        _cleanup_close_ int lock_fd = -EBADF, view_fd = -EBADF;
        _cleanup_store_ Store store = STORE_INIT;
        char digest[DIGEST_TEXT_SIZE];
        int r, fd;

        r = name_copy(manifest, uids, gids, digest);
        if (r >= 0)
                r = store_open(NULL, &store);
        /* Who removes what is not in use has this lock alone, and then reads what was noted. */
        if (r >= 0)
                r = store_lock(&store, STORE_LOCK_SHARED, &lock_fd);
        if (r >= 0)
                r = note_down(bundle, digest);
        if (r < 0)
                return r;
        fd = store_open_layer(&store, digest);
        if (fd == -ENOENT) {
                r = view_fd = open_view(bundle, parts);
                if (r >= 0)
                        r = make(&store, digest, view_fd, uids, gids);
                fd = r < 0 ? r : store_open_layer(&store, digest);
        }
        if (fd < 0)
                return fd;
        replace(parts, fd);
        return 0;
}
