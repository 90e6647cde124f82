/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees of files as archives of tar(5), and back: the two halves of a copy. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

/* How much of the files is in an archive. */
typedef enum TreeArchiveMode {
        TREE_ARCHIVE_PLAIN, /* for whoever gets it: names, owners, modes, times, content */
        /* For who has the same again of it: also set-user-ID bits, the extended attributes and ACLs
         * that tree_attribute_is_kept() knows, hard links, holes and pipes. What is mounted below
         * is left out. */
        TREE_ARCHIVE_WHOLE,
        /* The same of an overlay's upper directory: whiteouts and what hides lower directories are
         * written as a layer has them (layer.md of the OCI image specification). */
        TREE_ARCHIVE_LAYER,
} TreeArchiveMode;

typedef enum TreeArchivePacking {
        TREE_ARCHIVE_UNPACKED,
        TREE_ARCHIVE_GZIP,
        TREE_ARCHIVE_ZSTD,
} TreeArchivePacking;

/* An archive of several trees. */
typedef struct TreeArchive TreeArchive;

/* Begins one at `out_fd`, which is borrowed; `mode` is the fullest of its trees. Returns 0, -ENOPKG
 * without libarchive or what packs with it, or another -errno. Caller frees. */
int tree_archive_open(int out_fd, TreeArchiveMode mode, TreeArchivePacking packing, TreeArchive **ret);

/* Adds a tree, as tree_archive_write() writes one. As there, and -EOPNOTSUPP for an upper directory
 * with what no layer can say. */
int tree_archive_add(TreeArchive *archive, int fd, const char *name, TreeArchiveMode mode);

/* Writes the end. Returns 0 or -errno. */
int tree_archive_close(TreeArchive *archive);

void tree_archive_free(TreeArchive *archive);
static inline void tree_archive_freep(TreeArchive **archive) { tree_archive_free(*archive); }
#define _cleanup_tree_archive_ _cleanup_(tree_archive_freep)

/* Writes to `out_fd` an archive of what `fd` (by O_PATH) stands for, called `name` in it, "." for
 * what is in a directory. The tree may be hostile, and change meanwhile: no symlink is followed,
 * and nothing is opened but directories and regular files, by what has been looked at. Devices and
 * sockets are left out, and so are pipes of a plain one and what is in /proc, /sys and the like.
 * IDs are as the machine sees them. Returns 0, -ELOOP when it is deeper than 128 levels, -ENOPKG
 * without libarchive, or another -errno. */
int tree_archive_write(int fd, const char *name, TreeArchiveMode mode, int out_fd);

typedef struct TreeOwner {
        uid_t uid;
        gid_t gid;
} TreeOwner;

/* Makes of the archive at `in_fd`, plain or packed by gzip or zstd, files in the directory
 * `directory_fd`, all of `owner`. Neither is to be trusted: what leads out of the directory, by
 * ".." or a symlink that is there or has just been made, is refused. A file takes the place of one
 * of its name, never through a symlink, and is whole when it does. No set-user-ID bits, extended
 * attributes, devices or pipes are made. Returns 0, -EBADMSG when it is no archive or names what is
 * outside, -ELOOP when a symlink is in the way, -ENOPKG without libarchive, or another -errno. */
int tree_archive_read(int in_fd, int directory_fd, const TreeOwner *owner);
