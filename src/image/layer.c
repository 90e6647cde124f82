/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layers: from a blob to a directory. */
#include "image/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "image/tree-digest.h"

#define GIB (UINT64_C(1) << 30)

enum { SHOWN_MAX = 1000 }; /* bytes of an entry's name in a message: archives have names of a megabyte */

LayerLimits layer_limits_for(uint64_t blob_bytes) {
        const uint64_t least = 64 * GIB, ratio = 100;

        return (LayerLimits) {
                .tar_bytes = blob_bytes > least / ratio && blob_bytes < UINT64_MAX / ratio ? blob_bytes * ratio : least,
                .file_bytes = 16 * 1024 * GIB,
                .entries = 10 * 1000 * 1000,
        };
}

static int write_at(int fd, const char *data, size_t size, uint64_t offset) {
        while (size > 0) {
                ssize_t n = pwrite(fd, data, size, (off_t) offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
                offset += (uint64_t) n;
        }
        return 0;
}

static int write_content(LayerStream *stream, const LayerEntry *entry, int fd) {
        uint64_t offset;
        const void *data;
        size_t size;
        int r;

        while ((r = layer_stream_read(stream, &data, &size, &offset)) > 0) {
                if (offset > entry->size_bytes || size > entry->size_bytes - offset)
                        return -EBADMSG;
                r = write_at(fd, data, size, offset);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : layer_tree_end_file(entry, fd);
}

int layer_unpack_entry(LayerStream *stream, LayerTree *tree, const LayerEntry *entry, const LayerLimits *limits) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!entry->hard_link && S_ISREG(entry->mode) && entry->size_bytes > limits->file_bytes)
                return -EFBIG;
        if (limits->plain && !entry->hard_link && (S_ISCHR(entry->mode) || S_ISBLK(entry->mode)))
                return 0;
        r = layer_tree_add(tree, entry, &fd);
        return r < 0 || fd < 0 ? r : write_content(stream, entry, fd);
}

/* Returns 1 when there was an entry, 0 at the end, or -errno. */
static int unpack_next(LayerStream *stream, LayerTree *tree, const LayerLimits *limits, char **ret_message) {
        LayerEntry entry;
        int r;

        r = layer_stream_next(stream, &entry);
        if (r <= 0) {
                const char *message = r < 0 ? layer_stream_message(stream) : NULL;

                if (message)
                        *ret_message = strdup(message);
                return r;
        }
        r = layer_unpack_entry(stream, tree, &entry, limits);
        if (r < 0)
                *ret_message = text_format("entry \"%.*s\"%s",
                                           (int) utf8_valid_prefix(entry.path, strnlen(entry.path, SHOWN_MAX)),
                                           entry.path,
                                           r == -EFBIG ? " is too large, too deep, or one too many" : "");
        return r < 0 ? r : 1;
}

int layer_unpack_into(int blob_fd, int directory_fd, const LayerLimits *limits, char ret_diff_id[DIGEST_TEXT_SIZE],
                      char **ret_message) {
        _cleanup_layer_stream_ LayerStream *stream = NULL;
        _cleanup_layer_tree_ LayerTree tree = LAYER_TREE_INIT(directory_fd);
        uint64_t entries = 0;
        int r;

        r = layer_stream_open(blob_fd, limits->tar_bytes, &stream);
        if (r == -EBADMSG)
                *ret_message = strdup("it is empty, or no archive");
        if (r < 0)
                return r;
        tree.plain = limits->plain;
        r = layer_tree_begin(&tree);
        while (r >= 0 && (r = unpack_next(stream, &tree, limits, ret_message)) > 0)
                if (++entries + tree.made > limits->entries)
                        return -EFBIG;
        if (r >= 0)
                r = layer_stream_finish(stream, ret_diff_id);
        return r < 0 ? r : layer_tree_finish(&tree);
}

int layer_unpack_plain(int fd, int directory_fd, char **ret_message) {
        char diff_id[DIGEST_TEXT_SIZE];
        LayerLimits limits;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        limits = layer_limits_for((uint64_t) st.st_size);
        limits.plain = true;
        return layer_unpack_into(fd, directory_fd, &limits, diff_id, ret_message);
}

static int make_root(const Staging *staging, const char *name) {
        int fd;

        if (mkdirat(staging->fd, name, 0755) < 0)
                return -errno;
        fd = openat(staging->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int layer_unpack_fresh(const Staging *staging, const char *name, int blob_fd, const char *diff_id, char **ret_message) {
        _cleanup_close_ int fd = -EBADF;
        char found[DIGEST_TEXT_SIZE];
        LayerLimits limits;
        struct stat st;
        int r;

        if (fstat(blob_fd, &st) < 0)
                return -errno;
        limits = layer_limits_for((uint64_t) st.st_size);
        fd = make_root(staging, name);
        if (fd < 0)
                return fd;
        r = layer_unpack_into(blob_fd, fd, &limits, found, ret_message);
        if (r >= 0 && !streq(found, diff_id)) {
                *ret_message = text_format("its tar is %s, not %s", found, diff_id);
                r = -EBADMSG;
        }
        if (r < 0) {
                (void) remove_tree_at(staging->fd, name);
                return r;
        }
        return TAKE_FD(fd);
}

static int unpack_in(const Store *store, const Staging *staging, const char *name, int blob_fd, const char *diff_id,
                     char **ret_message) {
        _cleanup_close_ int fd = layer_unpack_fresh(staging, name, blob_fd, diff_id, ret_message);
        char tree[DIGEST_TEXT_SIZE];
        int r;

        if (fd < 0)
                return fd;
        r = tree_digest(fd, tree);
        if (r >= 0)
                r = store_write_tree(store, diff_id, tree);
        if (r < 0)
                return r;
        /* Of its many files none must be lost once it has its name. */
        if (syncfs(fd) < 0)
                return -errno;
        return store_add_layer(store, staging->fd, name, diff_id);
}

int layer_unpack(const Store *store, const Staging *staging, int blob_fd, const char *diff_id, char **ret_message) {
        _cleanup_free_ char *name = text_format("layer-%s", digest_hex(diff_id)), *message = NULL;
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        if (!name)
                return -ENOMEM;
        r = store_has_layer(store, diff_id);
        if (r == 0)
                r = store_lock_object(store, diff_id, &lock_fd);
        if (r == 0)
                r = store_has_layer(store, diff_id);
        if (r != 0)
                return r < 0 ? r : 0;
        r = unpack_in(store, staging, name, blob_fd, diff_id, &message);
        if (r < 0)
                *ret_message = TAKE_PTR(message);
        return r;
}
