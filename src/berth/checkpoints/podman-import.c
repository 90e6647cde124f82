/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checkpoints that podman has taken. */
#include "berth/checkpoints/podman-import.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "berth/checkpoints/import-steps.h"
#include "host/mounts.h"
#include "image/find.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/podman/podman-dump.h"
#include "start/checkpoint/podman/podman-parts.h"
#include "start/checkpoint/podman/podman-settle.h"

static int read_podmans(const Container *container, int new_fd, const char *name, Diagnostics *diagnostics,
                        CheckpointAbout *ret) {
        _cleanup_close_ int parts_fd = openat(new_fd, PODMAN_PARTS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_free_ char *runtime = NULL;
        int r = parts_fd < 0 ? -errno : checkpoint_import_find_runtime(container, diagnostics, &runtime);

        /* Where it comes from podman does not say, but CRIU will. */
        if (r >= 0)
                r = checkpoint_import_report_criu(checkpoint_about_machine(runtime, ret), diagnostics);
        return r < 0 ? r : podman_dump_read(parts_fd, name, diagnostics, ret);
}

/* In a mount namespace of its own, where its layers can be mounted. */
static int settle_podmans(const Container *container, int new_fd, const char *id, const char *name,
                          CheckpointAbout *about, const ArchivedVolume volumes[], size_t volume_count,
                          Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        _cleanup_free_ char *path = checkpoint_path(id, CHECKPOINT_NEW);
        _cleanup_image_use_ ImageUse image = IMAGE_USE_INIT;
        int r = path ? mounts_unshare(path) : -ENOMEM;

        if (r >= 0 && container->image)
                r = image_open(container->image, container->pull, &where, diagnostics, &image);
        if (r < 0)
                return r;
        about->manifest = image.manifest ? strdup(image.manifest) : NULL;
        if (image.manifest && !about->manifest)
                return -ENOMEM;
        return podman_settle(new_fd, path, name, about, container->image ? &image : NULL, volumes, volume_count,
                             diagnostics);
}

/* What it is of is known when all of it is unpacked: podman may write that last. */
static int take_podmans(const Container *container, int lock_fd, const char *id, const char *name, bool ignore_volumes,
                        Diagnostics *diagnostics) {
        _cleanup_close_ int new_fd = openat(lock_fd, CHECKPOINT_NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                            mounts_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
        _cleanup_checkpoint_about_ CheckpointAbout about = {};
        _cleanup_imported_volumes_ ImportedVolumes volumes = {};
        _cleanup_free_ ArchivedVolume *wanted = NULL;
        int r = new_fd < 0 || mounts_fd < 0 ? -errno : read_podmans(container, new_fd, name, diagnostics, &about), back;

        if (r >= 0)
                r = checkpoint_import_check_fit(container, &about, diagnostics);
        if (r >= 0)
                r = checkpoint_import_open_volumes(container, &about, ignore_volumes, diagnostics, &volumes, &wanted);
        string_list_done(&about.volumes); /* only in an archive */
        if (r >= 0) {
                r = settle_podmans(container, new_fd, id, name, &about, wanted, volumes.count, diagnostics);
                back = mounts_go_back(mounts_fd);
                r = r < 0 ? r : back;
        }
        if (r >= 0)
                r = imported_volumes_finish(&volumes);
        return r < 0 ? r : checkpoint_import_commit(lock_fd, &about);
}

int podman_import(const Container *container, int lock_fd, const char *id, CheckpointArchive *archive,
                  bool ignore_volumes, Diagnostics *diagnostics) {
        int r = checkpoint_archive_unpack_podmans(archive, lock_fd, diagnostics);

        if (r >= 0)
                r = take_podmans(container, lock_fd, id, archive->name, ignore_volumes, diagnostics);
        if (r < 0)
                (void) remove_tree_at(lock_fd, CHECKPOINT_NEW);
        return r;
}
