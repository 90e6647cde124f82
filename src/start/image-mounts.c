/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a start that is about images which a container mounts. */
#include "start/image-mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/root.h"
#include "host/effects.h"
#include "host/idmap.h"
#include "host/mounts.h"
#include "host/throw-away.h"
#include "image/find.h"
#include "kind/container/container-mounts.h"
#include "source/places.h"
#include "start/idmapped.h"
#include "start/image-root.h"

#define IMAGES_DIRECTORY "images" /* in the container's own directory: what is written */
#define EMPTY_DIRECTORY "empty"   /* in the bundle */

bool container_mounts_images(const Container *container) {
        for (size_t i = 0; i < container->mounts.count; i++)
                if (mount_is(&container->mounts.items[i], "image"))
                        return true;
        return false;
}

static int open_image(const Container *container, const Mount *mount, Diagnostics *diagnostics, ImageMounts *mounts) {
        /* Only that nothing is pulled is said of all images; else a missing one was. */
        PullPolicy policy = container->pull == PULL_NEVER ? PULL_NEVER : PULL_MISSING;
        ImageMount *item;
        int r;

        r = ARRAY_RESERVE(mounts->items, mounts->allocated, mounts->count + 1);
        if (r < 0)
                return r;
        item = &mounts->items[mounts->count];
        *item = (ImageMount) { mount, IMAGE_USE_INIT };
        r = image_open(mount->source, policy, &mount->where, diagnostics, &item->image);
        if (r < 0)
                return r;
        mounts->count++;
        return 0;
}

int image_mounts_open(const Container *container, Diagnostics *diagnostics, ImageMounts *ret) {
        _cleanup_image_mounts_ ImageMounts mounts = {};
        int r = 0;

        for (size_t i = 0; i < container->mounts.count && r >= 0; i++)
                if (mount_is(&container->mounts.items[i], "image"))
                        r = open_image(container, &container->mounts.items[i], diagnostics, &mounts);
        if (r < 0)
                return r;
        *ret = mounts;
        mounts = (ImageMounts) {};
        return 0;
}

int images_record(ImageUse *own, ImageMounts *mounts, const Bundle *bundle) {
        _cleanup_text_ Text text = {};
        int r;

        if (own->manifest)
                image_use_describe(own, "manifest", &text);
        for (size_t i = 0; i < mounts->count; i++)
                image_use_describe(&mounts->items[i].image, "mounted", &text);
        r = text.failed ? -ENOMEM : write_file_atomic_at(bundle->fd, BUNDLE_IMAGE_FILE, text.data, text.length, 0600);
        own->lock_fd = fd_close(own->lock_fd);
        for (size_t i = 0; i < mounts->count; i++)
                mounts->items[i].image.lock_fd = fd_close(mounts->items[i].image.lock_fd);
        return r;
}

/* What an overlay is of, the topmost first. */
typedef struct Lower {
        int *fds;
        size_t count;
} Lower;

static void lower_done(Lower *lower) {
        for (size_t i = 0; i < lower->count; i++)
                fd_close(lower->fds[i]);
        free(lower->fds);
}

/* By its path: the bundle's descriptor is of the machine's mount namespace, and so of no use to a
 * mount. */
static int open_empty(const Bundle *bundle) {
        _cleanup_free_ char *path = path_join(bundle->path, EMPTY_DIRECTORY);
        int r, fd;

        r = path ? make_directories_at(AT_FDCWD, path, 0700) : -ENOMEM;
        if (r < 0)
                return r;
        fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* The layers as the container's user namespace, if it has one of its own, knows their owners. */
static int open_lower(const ImageMount *mount, const Namespaces *namespaces, const Bundle *bundle, const char *target,
                      Lower *lower, Diagnostics *diagnostics) {
        const ImageUse *image = &mount->image;
        bool mapped = namespaces->uids.count > 0;
        _cleanup_close_ int namespace_fd = -EBADF;

        lower->fds = calloc(image->layer_count + 1, sizeof(*lower->fds));
        if (!lower->fds)
                return -ENOMEM;
        if (mapped) {
                namespace_fd = idmapped_open(namespaces, NULL, &mount->mount->where, diagnostics);
                if (namespace_fd < 0)
                        return namespace_fd;
        }
        for (size_t i = 0; i < image->layer_count; i++) {
                int fd = mapped ? idmap_mount(image->layer_fds[i], namespace_fd, false, target)
                                : fcntl(image->layer_fds[i], F_DUPFD_CLOEXEC, 0);

                if (fd < 0)
                        return mapped ? idmapped_diagnose(fd, mount->mount->source, &mount->mount->where, diagnostics)
                                      : -errno;
                lower->fds[lower->count++] = fd;
        }
        /* There must be two, where nothing is written. */
        if (lower->count == 1) {
                int fd = open_empty(bundle);

                if (fd < 0)
                        return fd;
                lower->fds[lower->count++] = fd;
        }
        return 0;
}

/* Where what is written to the mount at `target` goes. What a power failure left behind has no
 * effects file any more. */
static int make_place(const Bundle *bundle, const char *target, char **ret) {
        _cleanup_free_ char *base = path_join(place_path(PLACE_CONTAINERS), bundle->id),
                            *images = base ? path_join(base, IMAGES_DIRECTORY) : NULL;
        _cleanup_free_ char *place = images ? path_join(images, path_basename(target)) : NULL;
        int r;

        if (!place)
                return -ENOMEM;
        r = effects_append(bundle, EFFECT_TREE, base, NULL);
        if (r >= 0)
                r = remove_tree_at(AT_FDCWD, place);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(place);
        return 0;
}

static int mount_whole(const ImageMount *mount, const Namespaces *namespaces, const Bundle *bundle, const char *target,
                       const char *label, Diagnostics *diagnostics) {
        OverlayMount overlay = { .target = target, .label = label, .flags = MS_NODEV };
        _cleanup_(lower_done) Lower lower = {};
        _cleanup_free_ char *place = NULL;
        int r;

        r = make_directories_at(AT_FDCWD, target, 0755);
        if (r >= 0)
                r = open_lower(mount, namespaces, bundle, target, &lower, diagnostics);
        if (r < 0)
                return r;
        overlay.lower_fds = lower.fds;
        overlay.lower_count = lower.count;
        if (!string_list_contains(&mount->mount->options, "rw")) {
                overlay.flags |= MS_RDONLY;
                return mounts_overlay(&overlay);
        }
        r = make_place(bundle, target, &place);
        return r < 0 ? r : throw_away_mount(place, overlay);
}

/* A part of the image at `whole`. What the image has in the way may lead anywhere, but not out of
 * it. */
static int mount_part(const ImageMount *mount, const char *subpath, const Bundle *bundle, const char *whole,
                      const char *target, Diagnostics *diagnostics) {
        _cleanup_close_ int root_fd = open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -EBADF;
        int r;

        if (root_fd < 0)
                return -errno;
        fd = root_open(root_fd, subpath, O_PATH);
        if (fd < 0)
                return diagnose_error(diagnostics, &mount->mount->where, "\"%s\" in the image \"%s\": %s", subpath,
                                      mount->mount->source, strerror(-fd));
        r = bundle_make_mount_point(bundle, path_basename(target), fd);
        return r < 0 ? r : mounts_attach(fd, target, true);
}

static int mount_any(const ImageMount *mount, const Namespaces *namespaces, const Bundle *bundle, const Facts *facts,
                     const char *label, Diagnostics *diagnostics) {
        const char *target = facts_find_image_mount(facts, mount->mount),
                   *subpath = string_list_value(&mount->mount->options, "subpath");
        _cleanup_free_ char *whole = NULL;
        int r;

        if (!subpath)
                return mount_whole(mount, namespaces, bundle, target, label, diagnostics);
        whole = text_format("%s.whole", target);
        if (!whole)
                return -ENOMEM;
        r = mount_whole(mount, namespaces, bundle, whole, label, diagnostics);
        return r < 0 ? r : mount_part(mount, subpath, bundle, whole, target, diagnostics);
}

static int mount_one(const ImageMount *mount, const Namespaces *namespaces, const Bundle *bundle, const Facts *facts,
                     const char *label, Diagnostics *diagnostics) {
        bool is_written_to = string_list_contains(&mount->mount->options, "rw");
        size_t errors = diagnostics->errors;
        int r = mount_any(mount, namespaces, bundle, facts, label, diagnostics);
        _cleanup_free_ char *reason = NULL;

        if (r >= 0 || r == -ENOMEM || diagnostics->errors > errors)
                return r;
        reason = is_written_to ? throw_away_reason(r) : strdup(strerror(-r));
        return !reason ? -ENOMEM
                       : diagnose_error(diagnostics, &mount->mount->where, "the image \"%s\" cannot be mounted: %s",
                                        mount->mount->source, reason);
}

int image_mounts_mount(const ImageMounts *mounts, const Namespaces *namespaces, const Bundle *bundle,
                       const Facts *facts, const char *label, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < mounts->count && r >= 0; i++)
                r = mount_one(&mounts->items[i], namespaces, bundle, facts, label, diagnostics);
        return r < 0 ? r : 0;
}

void image_mounts_done(ImageMounts *mounts) {
        for (size_t i = 0; i < mounts->count; i++)
                image_use_done(&mounts->items[i].image);
        mounts->items = x_free(mounts->items);
        mounts->count = mounts->allocated = 0;
}
