/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checkpoints as archives. */
#include "berth/checkpoints/checkpoint-archives.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "berth/command/new-file.h"
#include "berth/pull-images.h"
#include "host/bundle.h"
#include "host/runtime.h"
#include "image/find.h"
#include "kind/load.h"
#include "start/checkpoint/checkpoint-archive.h"
#include "start/checkpoint/checkpoint-imported-volumes.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/requested-pull.h"

/* Export */

int checkpoint_export_check(const char *file) {
        _cleanup_new_file_ NewFile probe = {};
        int r;

        if (streq(file, "-") && isatty(STDOUT_FILENO)) {
                log_error("An archive is nothing to be shown on a terminal; give a file or a pipe");
                return -EINVAL;
        }
        r = new_file_open(streq(file, "-") ? NULL : file, &probe);
        return r < 0 ? log_error_errno(r, "Failed to write %s: %m", file) : 0;
}

static TreeArchivePacking packing_of(const char *file) {
        if (endswith(file, ".gz") || endswith(file, ".tgz"))
                return TREE_ARCHIVE_GZIP;
        return endswith(file, ".tar") ? TREE_ARCHIVE_UNPACKED : TREE_ARCHIVE_ZSTD;
}

int checkpoint_export(const char *stem, const char *file, bool volumes) {
        const char *path = streq(file, "-") ? NULL : file;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_new_file_ NewFile archive = {};
        int r = bundle_open(stem, &bundle);

        if (r >= 0)
                r = new_file_open(path, &archive);
        if (r >= 0)
                r = checkpoint_archive_write(bundle.id, volumes, packing_of(file), archive.fd, &diagnostics);
        if (r >= 0)
                r = new_file_finish(&archive, path);
        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to export the checkpoint of \"%s\", which is kept: %m", stem) : 0;
}

/* Import */

static int check_runtime(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics) {
        _cleanup_checkpoint_about_ CheckpointAbout here = {};
        _cleanup_free_ char *runtime = NULL;
        int r = runtime_find(container->runtime, &runtime);

        if (r == -ENOENT)
                return diagnose_error(diagnostics, NULL, "the runtime \"%s\" is not installed",
                                      container->runtime ? container->runtime : "crun");
        if (r >= 0)
                r = checkpoint_about_machine(runtime, &here);
        if (r == -ENOPKG || r == -ENOSYS)
                return diagnose_error(diagnostics, NULL, "checkpoints need CRIU; install the package criu");
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

static int check_image(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        _cleanup_image_use_ ImageUse use = IMAGE_USE_INIT;
        int r;

        if ((container->image != NULL) != (about->manifest != NULL))
                return diagnose_error(diagnostics, NULL,
                                      "the checkpoint is of a container with%s an image, and \"%s\" %s",
                                      about->manifest ? "" : "out", container->stem,
                                      container->image ? "has one" : "has none");
        if (!container->image)
                return 0;
        r = pull_missing(container, diagnostics);
        if (r >= 0)
                r = image_open(container->image, container->pull, &where, diagnostics, &use);
        if (r < 0 || streq(use.manifest, about->manifest))
                return r;
        return diagnose_error(diagnostics, &where,
                              "the checkpoint is of another image than %s is here: its %s has the digest %s",
                              container->image, about->image ?: "image", about->manifest);
}

static int check_fit(const Container *container, const CheckpointAbout *about, Diagnostics *diagnostics) {
        int r;

        if (container->pod)
                return diagnose_error(diagnostics, NULL, "no checkpoint can be restored in a pod, as \"%s\" is",
                                      container->stem);
        r = check_runtime(container, about, diagnostics);
        return r < 0 ? r : check_image(container, about, diagnostics);
}

static int commit(int lock_fd, const CheckpointAbout *about) {
        _cleanup_close_ int fd = openat(lock_fd, CHECKPOINT_NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r = fd < 0 ? -errno
                       : checkpoint_write_options(fd, &(CheckpointOptions) { .tcp_established = about->tcp_established,
                                                                             .file_locks = about->file_locks });

        if (r < 0)
                return r;
        return syncfs(fd) < 0 ? -errno : checkpoint_commit(lock_fd);
}

static int unpack(const Container *container, const char *id, CheckpointArchive *archive, bool ignore_volumes,
                  Diagnostics *diagnostics) {
        _cleanup_imported_volumes_ ImportedVolumes volumes = {};
        _cleanup_close_ int lock_fd = checkpoint_lock(id);
        _cleanup_free_ ArchivedVolume *wanted = NULL;
        int r = lock_fd < 0 || ignore_volumes ? lock_fd
                                              : imported_volumes_open(container->stem, &archive->about.volumes,
                                                                      diagnostics, &volumes);

        if (r < 0)
                return r;
        wanted = calloc(volumes.count + 1, sizeof(*wanted));
        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < volumes.count; i++)
                wanted[i] = (ArchivedVolume) { .path = volumes.items[i].path, .fd = volumes.items[i].fd };
        r = checkpoint_archive_unpack(archive, lock_fd, wanted, volumes.count, diagnostics);
        if (r >= 0)
                r = imported_volumes_finish(&volumes);
        return r < 0 ? r : commit(lock_fd, &archive->about);
}

static int import(const char *stem, int in_fd, const char *name, bool ignore_volumes, Diagnostics *diagnostics) {
        _cleanup_checkpoint_archive_ CheckpointArchive archive = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = bundle_open(stem, &bundle);

        if (r >= 0 && checkpoint_sleeps(bundle.id))
                return diagnose_error(diagnostics, NULL,
                                      "the container \"%s\" sleeps with a checkpoint of its own; berth start --fresh "
                                      "%s forgets that",
                                      stem, stem);
        if (r >= 0)
                r = container_find(stem, NULL, diagnostics, &container);
        if (r >= 0)
                r = checkpoint_archive_open(in_fd, name, diagnostics, &archive);
        if (r >= 0)
                r = check_fit(container, &archive.about, diagnostics);
        return r < 0 ? r : unpack(container, bundle.id, &archive, ignore_volumes, diagnostics);
}

int checkpoint_import(const char *stem, const char *file, bool ignore_volumes) {
        bool from_input = streq(file, "-");
        _cleanup_close_ int opened = from_input ? -EBADF : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        if (!from_input && opened < 0)
                return log_error_errno(-errno, "Failed to open %s: %m", file);
        r = import(stem, from_input ? STDIN_FILENO : opened, from_input ? "standard input" : file, ignore_volumes,
                   &diagnostics);
        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to import a checkpoint of \"%s\": %m", stem) : 0;
}
