/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of a layer become files of a directory, as a lower directory of overlayfs has them.
 * Whatever the entries say, nothing outside of the directory is touched: every look-up starts at
 * its descriptor and is confined to it by the kernel, and the last component of a path is never
 * followed. */
#pragma once

#include "image/layer-stream.h"

enum {
        /* levels of directories: less than what walks through trees, in volumes and for labels,
         * goes down, so that what has been unpacked can be used */
        LAYER_DEPTH_MAX = 100,
        LAYER_NOTES_MAX = 128 * 1024 * 1024, /* bytes that are kept in mind about directories until the end */
};

/* What of a directory is set at the end, since making files in it changes the one and is changed by
 * the other. */
typedef struct DirectoryTime {
        char *path;
        struct timespec mtime;
        void *default_acl; /* of acl(5), as the kernel has it; NULL: none */
        size_t default_acl_size;
} DirectoryTime;

typedef struct LayerTree {
        int root_fd;       /* borrowed */
        bool plain;        /* of no layer: ".wh." is as good a name as any, no symlink leads anywhere */
        char *parent_path; /* where the last entry was, … */
        int parent_fd;     /* … open */
        DirectoryTime *times;
        size_t time_count, times_allocated;
        size_t note_bytes; /* what they come to */
        uint64_t made;     /* directories that no entry speaks of, but for what is in them */
} LayerTree;

/* Gives the root what it has when no entry speaks of it: the same time whenever it is unpacked.
 * Comes first. Returns 0 or -ENOMEM. */
int layer_tree_begin(LayerTree *tree);

/* The directory must be empty, and nobody else may write to it. `root_fd` is borrowed. */
#define LAYER_TREE_INIT(fd) { .root_fd = (fd), .parent_fd = -EBADF }

/* Makes what the entry says. Whiteouts (layer.md of the OCI image specification) become those of
 * overlayfs: a character device 0/0 for a removed file, "trusted.overlay.opaque" for a directory
 * whose lower ones are hidden. For a regular file `ret_fd` gets a descriptor to write its content
 * to (else -EBADF), owned by the caller, to be passed to layer_tree_end_file() then. Returns 0,
 * -EBADMSG for an entry that has no place in a layer, -EFBIG for one that is too deep or one
 * directory too many, or another -errno. */
int layer_tree_add(LayerTree *tree, const LayerEntry *entry, int *ret_fd);

/* Gives the file its size, owner, mode, attributes and time. Returns 0 or -errno. */
int layer_tree_end_file(const LayerEntry *entry, int fd);

/* Does what has to come last. Returns 0 or -errno. */
int layer_tree_finish(LayerTree *tree);

void layer_tree_done(LayerTree *tree);
#define _cleanup_layer_tree_ _cleanup_(layer_tree_done)
