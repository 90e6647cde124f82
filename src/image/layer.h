/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layers: from a blob to a directory that overlays can have as a lower one. */
#pragma once

#include "image/layer-tree.h"
#include "image/manifest.h"
#include "image/staging.h"
#include "image/store.h"

/* How much a layer may unpack to: as much as any honest one, and an end to one that is not. */
typedef struct LayerLimits {
        uint64_t tar_bytes;  /* everything, with headers */
        uint64_t file_bytes; /* the size of one file, holes included */
        uint64_t entries;
        /* It is an archive, and no layer: no name is a whiteout, a symlink on the way is not
         * followed but -EBADMSG, and devices are left out. */
        bool plain;
} LayerLimits;

/* Those for a blob of this size. */
LayerLimits layer_limits_for(uint64_t blob_bytes);

/* Unpacks one entry, the stream's last, of which all but the size of its content may have been
 * changed since, into the tree. Returns 0, -EBADMSG for one that has no place there, -EFBIG over a
 * limit, or another -errno. */
int layer_unpack_entry(LayerStream *stream, LayerTree *tree, const LayerEntry *entry, const LayerLimits *limits);

/* Unpacks the layer of `blob_fd`, from where it stands, into the empty directory, and gives the
 * digest of its tar. Nothing is written anywhere else, whatever the archive says. On failure
 * `ret_message`, freed by the caller, may say which entry was at fault. Returns 0, -EBADMSG when
 * the archive is damaged or not to be trusted, -EFBIG over a limit, -ENOPKG without libarchive, or
 * another -errno. */
int layer_unpack_into(int blob_fd, int directory_fd, const LayerLimits *limits, char ret_diff_id[DIGEST_TEXT_SIZE],
                      char **ret_message);

/* The same for the regular file `fd`, which is an archive and no layer (see `plain`), with the
 * limits for its size. */
int layer_unpack_plain(int fd, int directory_fd, char **ret_message);

/* Unpacks the layer of `blob_fd`, from where it stands, into the store, unless that is done
 * already, or somebody else is about to do it: then it waits. `diff_id` is what its tar must have
 * as a digest. As above. */
int layer_unpack(const Store *store, const Staging *staging, int blob_fd, const char *diff_id, char **ret_message);

/* Unpacks it into the new directory `name` of the staging directory, whatever the store has. As
 * above; returns an fd of the directory, owned by the caller. On failure nothing is left of it. */
int layer_unpack_fresh(const Staging *staging, const char *name, int blob_fd, const char *diff_id, char **ret_message);
