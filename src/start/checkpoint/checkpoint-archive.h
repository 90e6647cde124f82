/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A checkpoint as one archive of tar(5), packed by gzip or zstd: CHECKPOINT_ABOUT, the other files
 * of its directory, "images/…", and "upper/…" as a layer has it; then "volumes/NAME/…". Or what
 * podman has made of one. */
#pragma once

#include "image/layer.h"
#include "start/checkpoint/checkpoint-about.h"
#include "start/copy/tree-archive.h"

/* Writes the container's checkpoint "whole" to `out_fd`, with the content of its named volumes if
 * `volumes`. What is wrong goes to `diagnostics`. Returns 0, -ENOENT when there is none, -EREPORTED
 * or another -errno. */
int checkpoint_archive_write(const char *id, bool volumes, TreeArchivePacking packing, int out_fd,
                             Diagnostics *diagnostics);

/* One that is being read. */
typedef struct CheckpointArchive {
        const char *name; /* in diagnostics; borrowed */
        LayerStream *stream;
        LayerLimits limits;
        bool is_podmans;
        LayerEntry first; /* of podman's, which is yet to be unpacked */
        /* Of ours, what it says of itself. */
        CheckpointAbout about;
        char *about_text;
} CheckpointArchive;

/* Begins to read one, which may be hostile: nothing but what it says of itself is read. Returns 0,
 * -EREPORTED or another -errno. `ret` is to be released. */
int checkpoint_archive_open(int in_fd, const char *name, Diagnostics *diagnostics, CheckpointArchive *ret);

/* Where the content of a volume goes. */
typedef struct ArchivedVolume {
        const char *path; /* in the archive: "volumes/NAME" */
        int fd;           /* of an empty directory */
} ArchivedVolume;

/* Unpacks the rest: the checkpoint as "new" in the directory of checkpoint_lock(), and of the
 * volumes those that are wanted. It is held to the rules of layers: nothing is written anywhere
 * else, no device is made, and what is neither of the two is an error. What CRIU and the runtime
 * are told beside the images is never the archive's. Returns 0, -EREPORTED, or another -errno; then
 * nothing of "new" is left. */
int checkpoint_archive_unpack(CheckpointArchive *archive, int lock_fd, const ArchivedVolume volumes[],
                              size_t volume_count, Diagnostics *diagnostics);

/* The same of one of podman's: CRIU's images, and the directory PODMAN_PARTS of "new", with the
 * files that podman-parts.h speaks of. */
int checkpoint_archive_unpack_podmans(CheckpointArchive *archive, int lock_fd, Diagnostics *diagnostics);

void checkpoint_archive_done(CheckpointArchive *archive);
#define _cleanup_checkpoint_archive_ _cleanup_(checkpoint_archive_done)
