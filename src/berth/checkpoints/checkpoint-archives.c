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
#include "berth/checkpoints/import-steps.h"
#include "berth/checkpoints/podman-import.h"
#include "berth/command/new-file.h"
#include "host/bundle.h"
#include "kind/load.h"
#include "start/checkpoint/checkpoint-store.h"

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

static int unpack(const Container *container, int lock_fd, CheckpointArchive *archive, bool ignore_volumes,
                  Diagnostics *diagnostics) {
        _cleanup_imported_volumes_ ImportedVolumes volumes = {};
        _cleanup_free_ ArchivedVolume *wanted = NULL;
        int r = checkpoint_import_check_fit(container, &archive->about, diagnostics);

        if (r >= 0)
                r = checkpoint_import_open_volumes(container, &archive->about, ignore_volumes, diagnostics, &volumes,
                                                   &wanted);
        if (r >= 0)
                r = checkpoint_archive_unpack(archive, lock_fd, wanted, volumes.count, diagnostics);
        if (r >= 0)
                r = imported_volumes_finish(&volumes);
        return r < 0 ? r : checkpoint_import_commit(lock_fd, &archive->about);
}

static int import(const char *stem, int in_fd, const char *name, bool ignore_volumes, Diagnostics *diagnostics) {
        _cleanup_checkpoint_archive_ CheckpointArchive archive = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_close_ int lock_fd = -EBADF;
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
                r = lock_fd = checkpoint_lock(bundle.id);
        if (r < 0)
                return r;
        return archive.is_podmans ? podman_import(container, lock_fd, bundle.id, &archive, ignore_volumes, diagnostics)
                                  : unpack(container, lock_fd, &archive, ignore_volumes, diagnostics);
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
