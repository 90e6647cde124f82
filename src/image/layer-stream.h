/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A layer's blob as a stream of entries: decompressed, and its tar taken apart. With start/copy the
 * only user of libarchive, which reads and nothing more; nothing is written here. */
#pragma once

#include <sys/stat.h>

#include "basic/alloc.h"
#include "image/digest.h"

typedef struct LayerXattr {
        const char *name;
        const void *value;
        size_t size;
} LayerXattr;

/* One entry as the archive has it; not to be trusted in any way. Borrowed from the stream until the
 * next one. */
typedef struct LayerEntry {
        const char *path;
        const char *hard_link; /* the other name of the same file, or NULL; the rest but `path` does not count then */
        const char *symlink;   /* target, where `mode` says so */
        mode_t mode;           /* type and permissions */
        uint32_t uid, gid;
        uint64_t size_bytes;   /* of a regular file */
        dev_t device;
        struct timespec mtime;
        const LayerXattr *xattrs;
        size_t xattr_count;
} LayerEntry;

typedef struct LayerStream LayerStream;

/* Reads gzip, zstd or plain tar from `fd`, which is borrowed. More than `max_bytes` of tar are an
 * error. Returns 0, -ENOPKG without libarchive, or another -errno. Caller frees. */
int layer_stream_open(int fd, uint64_t max_bytes, LayerStream **ret);

/* Returns 1 with the next entry, 0 at the end, -EBADMSG when the archive is damaged, -EFBIG when it
 * is too large, or another -errno. */
int layer_stream_next(LayerStream *stream, LayerEntry *ret);

/* The next piece of the entry's content and where in the file it goes; what is between pieces is a
 * hole. Returns as above. */
int layer_stream_read(LayerStream *stream, const void **ret_data, size_t *ret_size, uint64_t *ret_offset);

/* Reads what is behind the last entry, and gives the digest of the whole tar. Returns 0 or as
 * above. */
int layer_stream_finish(LayerStream *stream, char ret_diff_id[DIGEST_TEXT_SIZE]);

/* What libarchive says about the last failure, or NULL. Borrowed. */
const char *layer_stream_message(LayerStream *stream);

void layer_stream_free(LayerStream *stream);
static inline void layer_stream_freep(LayerStream **stream) { layer_stream_free(*stream); }
#define _cleanup_layer_stream_ _cleanup_(layer_stream_freep)
