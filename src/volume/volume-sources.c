/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the options of Volume= do to its source before it is mounted. */
#include "volume/volume-sources.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/own-tree.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/effects.h"
#include "host/mounts.h"
#include "host/throw-away.h"
#include "kind/container/container-security.h"
#include "source/places.h"

#define OVERLAYS_DIRECTORY "overlays" /* in the bundle, and in the container's own directory */

static int refuse(const VolumeMount *volume, const char *option, const char *source, int error,
                  Diagnostics *diagnostics) {
        if (error == -ENOMEM)
                return error;
        return diagnose_error(diagnostics, &volume->where, "mount option \"%s\" of \"%s\": %s", option, source,
                              strerror(-error));
}

/* Owner */

/* Whose new owner would harm the whole machine. Podman refuses the same. */
static bool is_of_system(const char *path) {
        static const char *const trees[] = { "/dev", "/proc", "/sys", "/run/systemd" };
        static const char *const paths[] = {
                "/mnt", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/sbin", "/usr/share", "/var/cache", "/var/tmp",
        };

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                if (streq(path, paths[i]))
                        return true;
        for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
                if (path_is_below(path, trees[i]))
                        return true;
        return streq(path, place_path(PLACE_STATE)) || path_is_below(path, place_path(PLACE_RUN)) ||
               path_keeps_label(path);
}

/* Through an idmapped mount the container's IDs are those on disk. */
static int find_owner(const VolumeMount *volume, const Facts *facts, uid_t *ret_uid, gid_t *ret_gid) {
        uint32_t uid = facts->uid, gid = facts->gid;

        if (!volume->idmap && facts->uid_map.count > 0 && id_map_to_outside(&facts->uid_map, facts->uid, &uid) < 0)
                return -EOVERFLOW;
        if (!volume->idmap && facts->gid_map.count > 0 && id_map_to_outside(&facts->gid_map, facts->gid, &gid) < 0)
                return -EOVERFLOW;
        *ret_uid = uid;
        *ret_gid = gid;
        return 0;
}

static int own_source(const VolumeMount *volume, const Facts *facts, const char *source, Diagnostics *diagnostics) {
        _cleanup_free_ char *pinned = NULL, *real = NULL;
        _cleanup_close_ int fd = -EBADF;
        uid_t uid;
        gid_t gid;
        int r;

        fd = open(source, O_PATH | O_CLOEXEC);
        if (fd < 0)
                return refuse(volume, "U", source, -errno, diagnostics);
        pinned = text_format("/proc/self/fd/%d", fd);
        real = pinned ? realpath(pinned, NULL) : NULL;
        if (!real)
                return pinned ? refuse(volume, "U", source, -errno, diagnostics) : -ENOMEM;
        if (volume->idmap_mapping)
                return diagnose_error(diagnostics, &volume->where,
                                      "mount option \"U\" does not go with mappings of \"idmap\"");
        if (is_of_system(real))
                return diagnose_error(diagnostics, &volume->where,
                                      "the owner of \"%s\" is the system's to decide: it takes no \"U\"", real);
        r = find_owner(volume, facts, &uid, &gid);
        if (r >= 0)
                r = own_tree(fd, uid, gid);
        return r < 0 ? refuse(volume, "U", source, r, diagnostics) : 0;
}

/* Overlay */

static int open_directory(const char *path, int *ret_fd) {
        *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return *ret_fd < 0 ? -errno : 0;
}

/* With the upper and work directory that the file names. They stay. */
static int mount_kept(const VolumeMount *volume, OverlayMount overlay) {
        _cleanup_close_ int upper_fd = -EBADF, work_fd = -EBADF;
        _cleanup_free_ char *upper = NULL, *work = NULL;
        int r;

        if ((r = open_directory(volume->upper_directory, &upper_fd)) < 0 ||
            (r = open_directory(volume->work_directory, &work_fd)) < 0)
                return r;
        overlay.upper = upper = text_format("/proc/self/fd/%d", upper_fd);
        overlay.work = work = text_format("/proc/self/fd/%d", work_fd);
        overlay.keep = true;
        return upper && work ? mounts_overlay(&overlay) : -ENOMEM;
}

static int mount_overlay(const VolumeMount *volume, const Bundle *bundle, const char *source, size_t number,
                         const char *label, const char *target, Diagnostics *diagnostics) {
        _cleanup_free_ char *base = text_format("%s/%s/" OVERLAYS_DIRECTORY "/%zu", place_path(PLACE_CONTAINERS),
                                                bundle->id, number);
        _cleanup_close_ int lower_fd = -EBADF;
        OverlayMount overlay = { .lower_fds = &lower_fd, .lower_count = 1, .target = target, .label = label };
        int r;

        if (!base)
                return -ENOMEM;
        r = open_directory(source, &lower_fd);
        if (r >= 0)
                r = make_directories_at(AT_FDCWD, target, 0700);
        if (r >= 0)
                r = volume->upper_directory ? mount_kept(volume, overlay) : throw_away_mount(base, overlay);
        return r < 0 ? refuse(volume, "O", source, r, diagnostics) : 0;
}

int volume_sources_gather(const Container *container, const char *bundle_path, Facts *facts) {
        int r = 0;

        for (size_t i = 0; i < container->volumes.count && r >= 0; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                _cleanup_free_ char *path = volume->overlay ? text_format("%s/" OVERLAYS_DIRECTORY "/%zu", bundle_path,
                                                                          facts->overlays.count)
                                                            : NULL;

                if (volume->overlay)
                        r = path ? fact_path_add(&facts->overlays, volume->destination, path) : -ENOMEM;
        }
        return r;
}

/* What a power failure left behind has no effects file any more. */
static int make_place(const Bundle *bundle) {
        _cleanup_free_ char *base = path_join(place_path(PLACE_CONTAINERS), bundle->id),
                            *overlays = base ? path_join(base, OVERLAYS_DIRECTORY) : NULL;
        int r;

        if (!overlays)
                return -ENOMEM;
        if ((r = effects_append(bundle, EFFECT_TREE, base, NULL)) < 0 || (r = remove_tree_at(AT_FDCWD, overlays)) < 0 ||
            (r = make_directories_at(AT_FDCWD, base, 0700)) < 0)
                return r;
        return mounts_unshare(bundle->path);
}

int volume_sources_ready(const Container *container, const Bundle *bundle, const Facts *facts, const char *label,
                         Diagnostics *diagnostics) {
        size_t overlays = 0;
        int result = 0, r = 0;

        if (facts->overlays.count > 0)
                result = make_place(bundle);
        for (size_t i = 0; i < container->volumes.count && (result == 0 || result == -EREPORTED); i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                const char *source = facts_volume_source(facts, volume);

                r = volume->chown ? own_source(volume, facts, source, diagnostics) : 0;
                if (r >= 0 && volume->overlay)
                        r = mount_overlay(volume, bundle, source, overlays, label,
                                          facts->overlays.items[overlays].resolved, diagnostics);
                overlays += volume->overlay;
                if (r < 0)
                        result = r;
        }
        return result;
}
