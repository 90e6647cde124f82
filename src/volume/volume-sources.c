/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with the source of a volume before it is mounted. */
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
#include "host/relabel.h"
#include "host/throw-away.h"
#include "kind/container/container-security.h"
#include "oci/oci-labels.h"
#include "source/places.h"
#include "volume/host-sources.h"
#include "volume/volume-origin.h"

#define OVERLAYS_DIRECTORY "overlays" /* in the bundle, and in the container's own directory */

static int refuse(const VolumeMount *volume, const char *option, const char *source, int error,
                  Diagnostics *diagnostics) {
        if (error == -ENOMEM)
                return error;
        return diagnose_error(diagnostics, &volume->where, "mount option \"%s\" of \"%s\": %s", option, source,
                              strerror(-error));
}

/* Owner */

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

static int refuse_chosen(const VolumeMount *volume, const char *what, const SafePath *source,
                         Diagnostics *diagnostics) {
        return volume_origin_diagnose_chosen(&volume->where, what, source->path, diagnostics);
}

static int own_source(const VolumeMount *volume, const Facts *facts, const SafePath *source,
                      Diagnostics *diagnostics) {
        uid_t uid;
        gid_t gid;
        int r;

        if (volume->idmap_mapping)
                return diagnose_error(diagnostics, &volume->where,
                                      "mount option \"U\" does not go with mappings of \"idmap\"");
        if (path_keeps_owner(source->path))
                return diagnose_kept_owner(volume, source->path, diagnostics);
        r = find_owner(volume, facts, &uid, &gid);
        if (r >= 0 && source->may_be_chosen && (uid != 0 || gid != 0))
                return refuse_chosen(volume, "mount option \"U\"", source, diagnostics);
        if (r >= 0)
                r = own_tree(source->fd, uid, gid);
        return r < 0 ? refuse(volume, "U", source->path, r, diagnostics) : 0;
}

/* Label */

static int relabel_source(const VolumeMount *volume, const char *label, const SafePath *source,
                          Diagnostics *diagnostics) {
        _cleanup_free_ char *shared = NULL;
        int r;

        if (path_keeps_label(source->path))
                return diagnose_kept_label(volume, source->path, diagnostics);
        if (source->may_be_chosen)
                return refuse_chosen(volume, volume->relabel_private ? "mount option \"Z\"" : "mount option \"z\"",
                                     source, diagnostics);
        r = volume->relabel_private ? 0 : context_make_shared(label, &shared);
        if (r >= 0)
                r = relabel_tree(source->fd, shared ?: label);
        if (r == -ENOTSUP) {
                diagnose_warning(diagnostics, &volume->where,
                                 "\"%s\" is on a file system without labels: \"%c\" has no effect", source->path,
                                 volume->relabel_private ? 'Z' : 'z');
                return 0;
        }
        if (r < 0 && r != -ENOMEM)
                return diagnose_error(diagnostics, &volume->where, "cannot relabel \"%s\": %s", source->path,
                                      strerror(-r));
        return r;
}

/* Overlay */

static int open_directory(const char *path, int *ret_fd) {
        *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return *ret_fd < 0 ? -errno : 0;
}

/* With the upper and work directory that the file names. They stay. */
static int mount_kept(const VolumeMount *volume, OverlayMount overlay, Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath upper = SAFE_PATH_INIT, work = SAFE_PATH_INIT;
        FdPath upper_path, work_path;
        int r;

        if ((r = host_source_open(volume->upper_directory, &volume->where, &upper, diagnostics)) < 0 ||
            (r = host_source_open(volume->work_directory, &volume->where, &work, diagnostics)) < 0)
                return r;
        upper_path = fd_path(upper.fd);
        work_path = fd_path(work.fd);
        overlay.upper = upper_path.text;
        overlay.work = work_path.text;
        overlay.keep = true;
        return mounts_overlay(&overlay);
}

static int refuse_overlay(const VolumeMount *volume, const char *source, int error, Diagnostics *diagnostics) {
        bool is_kept = volume->upper_directory;
        _cleanup_free_ char *kept = is_kept ? text_format("upperdir=%s", volume->upper_directory) : NULL,
                            *reason = kept ? mounts_overlay_reason(error, kept) : throw_away_reason(error);

        if (!reason || (is_kept && !kept))
                return -ENOMEM;
        return diagnose_error(diagnostics, &volume->where, "mount option \"O\" of \"%s\": %s%s", source, reason,
                              is_kept && error == -EINVAL
                                              ? ", with workdir= as another directory of the same mount beside it"
                                              : "");
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
                r = volume->upper_directory ? mount_kept(volume, overlay, diagnostics)
                                            : throw_away_mount(base, overlay);
        if (r >= 0 || r == -EREPORTED || r == -ENOMEM)
                return r;
        return refuse_overlay(volume, source, r, diagnostics);
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

/* What a named volume consists of lies below a directory of root's alone. */
static int open_source(const VolumeMount *volume, const Bundle *bundle, const Facts *facts, SafePath *ret,
                       Diagnostics *diagnostics) {
        if (volume->kind == VOLUME_HOST_PATH)
                return host_source_ready(volume, bundle, facts, ret, diagnostics);
        if (!volume->chown && !volume->relabel_shared && !volume->relabel_private)
                return 0;
        return host_source_open(facts_volume_source(facts, volume), &volume->where, ret, diagnostics);
}

static int make_ready(const VolumeMount *volume, const Bundle *bundle, const Facts *facts, const char *label,
                      Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath source = SAFE_PATH_INIT;
        int r;

        r = open_source(volume, bundle, facts, &source, diagnostics);
        if (r >= 0 && volume->idmap && source.may_be_chosen)
                return refuse_chosen(volume, "mount option \"idmap\"", &source, diagnostics);
        if (r >= 0 && label && (volume->relabel_shared || volume->relabel_private))
                r = relabel_source(volume, label, &source, diagnostics);
        if (r >= 0 && volume->chown)
                r = own_source(volume, facts, &source, diagnostics);
        return r;
}

int volume_sources_ready(const Container *container, const Bundle *bundle, const Facts *facts, const char *label,
                         Diagnostics *diagnostics) {
        size_t overlays = 0;
        int result = 0, r = 0;

        if (facts->overlays.count > 0)
                result = make_place(bundle);
        for (size_t i = 0; i < container->volumes.count && (result == 0 || result == -EREPORTED); i++) {
                const VolumeMount *volume = &container->volumes.items[i];

                r = make_ready(volume, bundle, facts, label, diagnostics);
                if (r >= 0 && volume->overlay)
                        r = mount_overlay(volume, bundle, facts_volume_source(facts, volume), overlays, label,
                                          facts->overlays.items[overlays].resolved, diagnostics);
                overlays += volume->overlay;
                if (r < 0)
                        result = r;
        }
        return result;
}
