/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A checkpoint becomes an archive. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/bundle.h"
#include "host/record.h"
#include "source/places.h"
#include "start/checkpoint/checkpoint-archive.h"
#include "start/checkpoint/checkpoint-pre.h"
#include "start/checkpoint/checkpoint-store.h"
#include "volume/volumes.h"

/* By O_PATH, as tree_archive_add() wants it. What need not be there is not added. */
static int add(TreeArchive *archive, int directory_fd, const char *name, TreeArchiveMode mode) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        return tree_archive_add(archive, fd, name, mode);
}

static int add_about(TreeArchive *archive, const CheckpointAbout *about) {
        _cleanup_close_ int fd = memfd_create(CHECKPOINT_ABOUT, MFD_CLOEXEC);
        _cleanup_free_ char *text = NULL;
        int r = fd < 0 ? -errno : checkpoint_about_text(about, &text);

        if (r >= 0)
                r = write_all(fd, text, strlen(text));
        return r < 0 ? r : tree_archive_add(archive, fd, CHECKPOINT_ABOUT, TREE_ARCHIVE_PLAIN);
}

static int add_volume(TreeArchive *archive, const char *name) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        _cleanup_free_ char *path = text_format(CHECKPOINT_VOLUMES "/%s", name);
        _cleanup_close_ int fd = -EBADF;
        int r = path ? volume_lock(place_path(PLACE_VOLUMES), name, false, &locked) : -ENOMEM;

        if (r >= 0)
                r = fd = volume_open_data(&locked);
        return r < 0 ? r : tree_archive_add(archive, fd, path, TREE_ARCHIVE_WHOLE);
}

static int take_volume(const StringList *words, void *userdata) {
        return string_list_add(userdata, words->items[0]);
}

static int read_about(const Checkpoint *checkpoint, bool volumes, Diagnostics *diagnostics, CheckpointAbout *ret) {
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r = read_file_at(checkpoint->fd, CHECKPOINT_ABOUT, CHECKPOINT_ABOUT_LARGEST, &text, &size);

        if (r >= 0)
                r = checkpoint_about_parse(text, size, CHECKPOINT_ABOUT, diagnostics, ret);
        if (r < 0 || !volumes)
                return r;
        r = record_read(checkpoint->fd, CHECKPOINT_VOLUMES, false, take_volume, &ret->volumes);
        string_list_unique(&ret->volumes);
        return r == -ENOENT ? 0 : r;
}

/* The about comes first: whoever reads it can refuse the rest unseen. */
static int write_parts(TreeArchive *archive, const Checkpoint *checkpoint, const CheckpointAbout *about) {
        static const struct {
                const char *name;
                TreeArchiveMode mode;
        } parts[] = {
                { "config.json", TREE_ARCHIVE_PLAIN },     { BUNDLE_IMAGE_FILE, TREE_ARCHIVE_PLAIN },
                { "network", TREE_ARCHIVE_PLAIN },         { CHECKPOINT_PODMANS, TREE_ARCHIVE_PLAIN },
                { CHECKPOINT_ADDRESSES, TREE_ARCHIVE_PLAIN }, { CHECKPOINT_SHM, TREE_ARCHIVE_PLAIN },
                { CHECKPOINT_IMAGES, TREE_ARCHIVE_PLAIN },
                { CHECKPOINT_PRE, TREE_ARCHIVE_PLAIN },    { CHECKPOINT_UPPER, TREE_ARCHIVE_LAYER },
        };
        int r = add_about(archive, about);

        for (size_t i = 0; i < ARRAY_SIZE(parts) && r >= 0; i++)
                r = add(archive, checkpoint->fd, parts[i].name, parts[i].mode);
        for (size_t i = 0; i < about->volumes.count && r >= 0; i++)
                r = add_volume(archive, about->volumes.items[i]);
        return r < 0 ? r : tree_archive_close(archive);
}

int checkpoint_archive_write(const char *id, bool volumes, TreeArchivePacking packing, int out_fd,
                             Diagnostics *diagnostics) {
        _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT;
        _cleanup_checkpoint_about_ CheckpointAbout about = {};
        _cleanup_tree_archive_ TreeArchive *archive = NULL;
        _cleanup_close_ int lock_fd = -EBADF;
        int r = checkpoint_open(id, CHECKPOINT_WHOLE, &checkpoint);

        /* Nobody begins to use it up meanwhile, who is not a start. */
        if (r >= 0)
                r = lock_fd = checkpoint_lock(id);
        if (r >= 0)
                r = read_about(&checkpoint, volumes, diagnostics, &about);
        if (r >= 0)
                r = tree_archive_open(out_fd, TREE_ARCHIVE_LAYER, packing, &archive);
        if (r >= 0)
                r = write_parts(archive, &checkpoint, &about);
        if (r == -EOPNOTSUPP)
                return diagnose_error(diagnostics, NULL,
                                      "what the container has changed in its root cannot be exported: a file whose "
                                      "name begins with \".wh.\", or what this kernel's overlays have elsewhere "
                                      "(redirect_dir, metacopy)");
        return r;
}
