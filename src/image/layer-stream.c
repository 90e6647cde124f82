/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A layer's blob as a stream of entries. Two libarchive readers in a row: one takes the compression
 * off, the other reads the tar; between them is where its digest is computed, so the blob is read
 * once. */
#include "image/layer-stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>

#include "basic/dynamic.h"

DYNAMIC_NOTE(archive, "libarchive.so.13", "images", "recommended", "Unpacking layers of images");
DYNAMIC_FUNCTION(archive_entry_gid);
DYNAMIC_FUNCTION(archive_entry_hardlink);
DYNAMIC_FUNCTION(archive_entry_mode);
DYNAMIC_FUNCTION(archive_entry_mtime);
DYNAMIC_FUNCTION(archive_entry_mtime_nsec);
DYNAMIC_FUNCTION(archive_entry_pathname);
DYNAMIC_FUNCTION(archive_entry_rdev);
DYNAMIC_FUNCTION(archive_entry_size);
DYNAMIC_FUNCTION(archive_entry_symlink);
DYNAMIC_FUNCTION(archive_entry_uid);
DYNAMIC_FUNCTION(archive_entry_xattr_next);
DYNAMIC_FUNCTION(archive_entry_xattr_reset);
DYNAMIC_FUNCTION(archive_error_string);
DYNAMIC_FUNCTION(archive_filter_count);
DYNAMIC_FUNCTION(archive_read_data_block);
DYNAMIC_FUNCTION(archive_read_free);
DYNAMIC_FUNCTION(archive_read_new);
DYNAMIC_FUNCTION(archive_read_next_header);
DYNAMIC_FUNCTION(archive_read_open);
DYNAMIC_FUNCTION(archive_read_open_fd);
DYNAMIC_FUNCTION(archive_read_support_filter_gzip);
DYNAMIC_FUNCTION(archive_read_support_filter_zstd);
DYNAMIC_FUNCTION(archive_read_support_format_empty);
DYNAMIC_FUNCTION(archive_read_support_format_raw);
DYNAMIC_FUNCTION(archive_read_support_format_tar);

struct LayerStream {
        struct archive *packed, *tar;
        Digester *digester;
        uint64_t bytes, max_bytes; /* of tar */
        int error;                 /* what the inner reader met, for the outer one's caller */
        LayerXattr *xattrs;
        size_t xattrs_allocated;
        locale_t locale, previous_locale;
};

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(archive_entry_gid),
                DYNAMIC_SYMBOL(archive_entry_hardlink),
                DYNAMIC_SYMBOL(archive_entry_mode),
                DYNAMIC_SYMBOL(archive_entry_mtime),
                DYNAMIC_SYMBOL(archive_entry_mtime_nsec),
                DYNAMIC_SYMBOL(archive_entry_pathname),
                DYNAMIC_SYMBOL(archive_entry_rdev),
                DYNAMIC_SYMBOL(archive_entry_size),
                DYNAMIC_SYMBOL(archive_entry_symlink),
                DYNAMIC_SYMBOL(archive_entry_uid),
                DYNAMIC_SYMBOL(archive_entry_xattr_next),
                DYNAMIC_SYMBOL(archive_entry_xattr_reset),
                DYNAMIC_SYMBOL(archive_error_string),
                DYNAMIC_SYMBOL(archive_filter_count),
                DYNAMIC_SYMBOL(archive_read_data_block),
                DYNAMIC_SYMBOL(archive_read_free),
                DYNAMIC_SYMBOL(archive_read_new),
                DYNAMIC_SYMBOL(archive_read_next_header),
                DYNAMIC_SYMBOL(archive_read_open),
                DYNAMIC_SYMBOL(archive_read_open_fd),
                DYNAMIC_SYMBOL(archive_read_support_filter_gzip),
                DYNAMIC_SYMBOL(archive_read_support_filter_zstd),
                DYNAMIC_SYMBOL(archive_read_support_format_empty),
                DYNAMIC_SYMBOL(archive_read_support_format_raw),
                DYNAMIC_SYMBOL(archive_read_support_format_tar),
        };
        return dynamic_load("libarchive.so.13", symbols, ARRAY_SIZE(symbols), NULL);
}

static int fail(LayerStream *stream, int error) {
        if (stream->error == 0)
                stream->error = error;
        return stream->error;
}

/* One block of tar. Returns 1, 0 at the end, or -errno. */
static int unpack_block(LayerStream *stream, const void **ret_data, size_t *ret_size) {
        la_int64_t offset;
        int status;

        for (;;) {
                status = sym_archive_read_data_block(stream->packed, ret_data, ret_size, &offset);
                if (status == ARCHIVE_EOF)
                        return 0;
                if (status != ARCHIVE_OK)
                        return fail(stream, -EBADMSG);
                if (*ret_size > 0)
                        break;
        }
        stream->bytes += *ret_size;
        if (stream->bytes > stream->max_bytes)
                return fail(stream, -EFBIG);
        digester_update(stream->digester, *ret_data, *ret_size);
        return 1;
}

static la_ssize_t read_tar(struct archive *archive _unused_, void *userdata, const void **ret_data) {
        size_t size;
        int r = unpack_block(userdata, ret_data, &size);

        return r < 0 ? ARCHIVE_FATAL : r == 0 ? 0 : (la_ssize_t) size;
}

/* Of the inner reader, which has one entry: everything. A blob of nothing has none and is refused:
 * whatever packs a layer ends it with two blocks of zeros. */
static int open_packed(LayerStream *stream, int fd) {
        enum { BLOCK_SIZE = 256 * 1024 };
        struct archive_entry *entry;
        int status;

        stream->packed = sym_archive_read_new();
        if (!stream->packed)
                return -ENOMEM;
        if (sym_archive_read_support_filter_gzip(stream->packed) < ARCHIVE_WARN ||
            sym_archive_read_support_filter_zstd(stream->packed) < ARCHIVE_WARN ||
            sym_archive_read_support_format_raw(stream->packed) < ARCHIVE_WARN)
                return -ENOPKG;
        if (sym_archive_read_open_fd(stream->packed, fd, BLOCK_SIZE) != ARCHIVE_OK)
                return -EBADMSG;
        status = sym_archive_read_next_header(stream->packed, &entry);
        if (status != ARCHIVE_OK)
                return -EBADMSG;
        /* Whatever the media type says, what is there counts, as for other tools; but compression
         * of something compressed is nothing honest. The last filter is the file itself. */
        return sym_archive_filter_count(stream->packed) > 2 ? -EBADMSG : 0;
}

static int open_tar(LayerStream *stream) {
        stream->tar = sym_archive_read_new();
        if (!stream->tar)
                return -ENOMEM;
        if (sym_archive_read_support_format_tar(stream->tar) < ARCHIVE_WARN ||
            sym_archive_read_support_format_empty(stream->tar) < ARCHIVE_WARN)
                return -ENOPKG;
        if (sym_archive_read_open(stream->tar, stream, NULL, read_tar, NULL) != ARCHIVE_OK)
                return fail(stream, -EBADMSG);
        return 0;
}

int layer_stream_open(int fd, uint64_t max_bytes, LayerStream **ret) {
        _cleanup_layer_stream_ LayerStream *stream = NULL;
        int r;

        r = load();
        if (r < 0)
                return r;
        stream = calloc(1, sizeof(*stream));
        if (!stream)
                return -ENOMEM;
        stream->max_bytes = max_bytes;
        /* libarchive turns names into those of the locale, and into nothing where that has only
         * ASCII. */
        stream->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
        if (stream->locale)
                stream->previous_locale = uselocale(stream->locale);
        r = digester_new(&stream->digester);
        if (r >= 0)
                r = open_packed(stream, fd);
        if (r >= 0)
                r = open_tar(stream);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(stream);
        return 0;
}

static int read_xattrs(LayerStream *stream, struct archive_entry *entry, LayerEntry *ret) {
        size_t count = (size_t) sym_archive_entry_xattr_reset(entry);

        if (ARRAY_RESERVE(stream->xattrs, stream->xattrs_allocated, count + 1) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                LayerXattr *xattr = &stream->xattrs[i];

                if (sym_archive_entry_xattr_next(entry, &xattr->name, &xattr->value, &xattr->size) != ARCHIVE_OK)
                        return -EBADMSG;
        }
        ret->xattrs = stream->xattrs;
        ret->xattr_count = count;
        return 0;
}

int layer_stream_next(LayerStream *stream, LayerEntry *ret) {
        struct archive_entry *entry;
        la_int64_t uid, gid, size;
        int status = sym_archive_read_next_header(stream->tar, &entry);

        if (status == ARCHIVE_EOF)
                return stream->error;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
                return fail(stream, -EBADMSG);
        *ret = (LayerEntry) {
                .path = sym_archive_entry_pathname(entry),
                .hard_link = sym_archive_entry_hardlink(entry),
                .symlink = sym_archive_entry_symlink(entry),
                .mode = sym_archive_entry_mode(entry),
                .device = sym_archive_entry_rdev(entry),
                .mtime = { .tv_sec = sym_archive_entry_mtime(entry), .tv_nsec = sym_archive_entry_mtime_nsec(entry) },
        };
        uid = sym_archive_entry_uid(entry);
        gid = sym_archive_entry_gid(entry);
        size = sym_archive_entry_size(entry);
        if (!ret->path || !*ret->path || uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX || size < 0)
                return fail(stream, -EBADMSG);
        ret->uid = (uint32_t) uid;
        ret->gid = (uint32_t) gid;
        ret->size_bytes = (uint64_t) size;
        status = read_xattrs(stream, entry, ret);
        return status < 0 ? status : 1;
}

int layer_stream_read(LayerStream *stream, const void **ret_data, size_t *ret_size, uint64_t *ret_offset) {
        la_int64_t offset;
        int status = sym_archive_read_data_block(stream->tar, ret_data, ret_size, &offset);

        if (status == ARCHIVE_EOF)
                return stream->error;
        if ((status != ARCHIVE_OK && status != ARCHIVE_WARN) || offset < 0)
                return fail(stream, -EBADMSG);
        *ret_offset = (uint64_t) offset;
        return 1;
}

int layer_stream_finish(LayerStream *stream, char ret_diff_id[DIGEST_TEXT_SIZE]) {
        const void *data;
        size_t size;
        int r;

        do
                r = unpack_block(stream, &data, &size);
        while (r > 0);
        if (r < 0)
                return r;
        digester_finish(stream->digester, ret_diff_id);
        return 0;
}

const char *layer_stream_message(LayerStream *stream) {
        const char *message = stream->packed ? sym_archive_error_string(stream->packed) : NULL;

        if (stream->error == -EFBIG)
                return NULL;
        return message || !stream->tar ? message : sym_archive_error_string(stream->tar);
}

void layer_stream_free(LayerStream *stream) {
        if (!stream)
                return;
        if (stream->tar)
                sym_archive_read_free(stream->tar);
        if (stream->packed)
                sym_archive_read_free(stream->packed);
        if (stream->previous_locale)
                uselocale(stream->previous_locale);
        if (stream->locale)
                freelocale(stream->locale);
        digester_free(stream->digester);
        free(stream->xattrs);
        free(stream);
}
