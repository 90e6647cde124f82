/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an import of a checkpoint does. */
#include "berth/checkpoints/import-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "berth/pull-images.h"
#include "host/runtime.h"
#include "image/find.h"
#include "kind/container/container-id-maps.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/requested-pull.h"

int checkpoint_import_find_runtime(const Container *container, Diagnostics *diagnostics, char **ret) {
        int r = runtime_find(container->runtime, ret);

        return r == -ENOENT ? diagnose_error(diagnostics, NULL, "the runtime \"%s\" is not installed",
                                             container->runtime ? container->runtime : "crun")
                            : r;
}

int checkpoint_import_report_criu(int r, Diagnostics *diagnostics) {
        return r == -ENOPKG || r == -ENOSYS
                       ? diagnose_error(diagnostics, NULL, "checkpoints need CRIU; install the package criu")
                       : r;
}

static int check_runtime(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics) {
        _cleanup_checkpoint_about_ CheckpointAbout here = {};
        _cleanup_free_ char *runtime = NULL;
        int r = checkpoint_import_find_runtime(container, diagnostics, &runtime);

        if (r >= 0)
                r = checkpoint_import_report_criu(checkpoint_about_machine(runtime, &here), diagnostics);
        return r < 0 ? r : checkpoint_about_check(about, &here, diagnostics);
}

static int pull_missing(const Container *container, Diagnostics *diagnostics) {
        _cleanup_diagnostics_ Diagnostics unheard = {};
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        _cleanup_image_use_ ImageUse use = IMAGE_USE_INIT;
        int r = image_open(container->image, container->pull, NULL, &unheard, &use);

        if (r != -EREPORTED || container->pull == PULL_NEVER)
                return r == -EREPORTED ? 0 : r;
        r = pull_request_from_container(container, diagnostics, &request);
        if (r < 0)
                return r;
        return pull_shown(&request, false) < 0 ? -EREPORTED : 0;
}

static bool is_of(const CheckpointAbout *about, const ImageUse *image) {
        return about->manifest ? streq(image->manifest, about->manifest)
                               : streq(image->configuration, about->configuration);
}

static int check_image(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        bool has_image = about->manifest || about->configuration;
        _cleanup_image_use_ ImageUse use = IMAGE_USE_INIT;
        int r;

        if ((container->image != NULL) != has_image)
                return diagnose_error(diagnostics, NULL,
                                      "the checkpoint is of a container with%s an image, and \"%s\" %s",
                                      has_image ? "" : "out", container->stem,
                                      container->image ? "has one" : "has none");
        if (!container->image)
                return 0;
        r = pull_missing(container, diagnostics);
        if (r >= 0)
                r = image_open(container->image, container->pull, &where, diagnostics, &use);
        if (r < 0 || is_of(about, &use))
                return r;
        return diagnose_error(diagnostics, &where,
                              "the checkpoint is of another image than %s is here: its %s has the %s %s",
                              container->image, about->image ?: "image", about->manifest ? "digest" : "ID",
                              about->manifest ?: about->configuration);
}

int checkpoint_import_check_fit(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics) {
        int r;

        if (container->pod)
                return diagnose_error(diagnostics, NULL, "no checkpoint can be restored in a pod, as \"%s\" is",
                                      container->stem);
        if (container_has_user_namespace(container))
                return diagnose_error(diagnostics, NULL,
                                      "no checkpoint can be restored in a user namespace, as \"%s\" has one",
                                      container->stem);
        r = check_runtime(container, about, diagnostics);
        return r < 0 ? r : check_image(container, about, diagnostics);
}

int checkpoint_import_open_volumes(const Container *container, const CheckpointAbout *about, bool ignore,
                                   Diagnostics *diagnostics, ImportedVolumes *volumes, ArchivedVolume **ret) {
        int r = ignore ? 0 : imported_volumes_open(container->stem, &about->volumes, diagnostics, volumes);

        if (r < 0)
                return r;
        *ret = calloc(volumes->count + 1, sizeof(**ret));
        if (!*ret)
                return -ENOMEM;
        for (size_t i = 0; i < volumes->count; i++)
                (*ret)[i] = (ArchivedVolume) { .path = volumes->items[i].path, .fd = volumes->items[i].fd };
        return 0;
}

int checkpoint_import_commit(int lock_fd, const CheckpointAbout *about) {
        _cleanup_close_ int fd = openat(lock_fd, CHECKPOINT_NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r = fd < 0 ? -errno
                       : checkpoint_write_options(fd, &(CheckpointOptions) { .tcp_established = about->tcp_established,
                                                                             .file_locks = about->file_locks });

        if (r < 0)
                return r;
        return syncfs(fd) < 0 ? -errno : checkpoint_commit(lock_fd);
}
