/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes archives of tar(5). Of one that is a layer the digest is its name, so its bytes must be
 * the same whenever and wherever it is written: they are put together here, and not by a library
 * whose next version may do it otherwise. Headers are ustar's; what these cannot say is in pax
 * records before them (pax(1) of POSIX), extended attributes as SCHILY.xattr.NAME. */
#pragma once

#include "image/layer-stream.h"

typedef struct TarWriter {
        int fd; /* borrowed */
        Digester *digester;
        char *buffer;
        size_t used;    /* bytes in it */
        uint64_t bytes; /* of all that there is so far */
        uint64_t left;  /* of the entry's content */
} TarWriter;

/* Begins an archive at `fd`, which is borrowed. Returns 0, -ENOPKG without libnettle, or
 * -ENOMEM. */
int tar_writer_open(int fd, TarWriter *ret);

/* Begins an entry; of a regular file as many bytes of content as it says must follow. The path of a
 * directory ends with "/". Returns 0, -EOPNOTSUPP for a device or a socket, or another -errno. */
int tar_writer_add(TarWriter *writer, const LayerEntry *entry);

/* Writes content of the last entry. Returns 0, -EIO when it is more than was said, or another
 * -errno. */
int tar_writer_write(TarWriter *writer, const void *data, size_t size);

/* The same, of so many zeros. */
int tar_writer_write_zeros(TarWriter *writer, uint64_t size);

/* Ends the archive, and gives its digest and size. Returns 0, -EIO when content is missing, or
 * another -errno. */
int tar_writer_finish(TarWriter *writer, char ret_digest[DIGEST_TEXT_SIZE], uint64_t *ret_bytes);

void tar_writer_done(TarWriter *writer);
#define _cleanup_tar_writer_ _cleanup_(tar_writer_done)
