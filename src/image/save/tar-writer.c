/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing archives of tar(5). */
#include "image/save/tar-writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "basic/files.h"
#include "basic/text.h"

enum {
        BLOCK = 512,
        BUFFER = 128 * BLOCK,
        ID_MAX = 07777777, /* that the header has room for, … */
        PERMISSIONS = 07777,
};

#define SIZE_OCTAL_MAX UINT64_C(077777777777) /* … and of a size, or a time */

/* ustar(5) */
typedef struct Header {
        char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
        char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
} Header;

_Static_assert(sizeof(Header) == BLOCK, "a header is a block");

/* Bytes */

static int flush(TarWriter *writer) {
        int r = write_all(writer->fd, writer->buffer, writer->used);

        if (r >= 0) {
                digester_update(writer->digester, writer->buffer, writer->used);
                writer->used = 0;
        }
        return r;
}

/* Zeros where `data` is NULL. */
static int put(TarWriter *writer, const char *data, uint64_t size) {
        int r = 0;

        while (size > 0 && r >= 0) {
                size_t room = BUFFER - writer->used, n = size < room ? (size_t) size : room;

                if (data)
                        memcpy(writer->buffer + writer->used, data, n);
                else
                        memset(writer->buffer + writer->used, 0, n);
                data = data ? data + n : NULL;
                size -= n;
                writer->used += n;
                writer->bytes += n;
                r = writer->used == BUFFER ? flush(writer) : 0;
        }
        return r;
}

static int pad(TarWriter *writer) {
        return put(writer, NULL, (BLOCK - writer->bytes % BLOCK) % BLOCK);
}

/* Headers */

static void set_octal(char *field, size_t size, uint64_t value) {
        char text[24];

        snprintf(text, sizeof(text), "%0*llo", (int) size - 1, (unsigned long long) value);
        memcpy(field, text, size);
}

/* The name may fill its field, without a NUL then. */
static void set_name(char field[100], const char *name) {
        memcpy(field, name, strnlen(name, 100));
}

static int put_header(TarWriter *writer, Header *header) {
        const unsigned char *bytes = (const unsigned char *) header;
        unsigned sum = 0;

        memcpy(header->magic, "ustar", sizeof(header->magic));
        memcpy(header->version, "00", sizeof(header->version));
        memset(header->checksum, ' ', sizeof(header->checksum));
        for (size_t i = 0; i < sizeof(*header); i++)
                sum += bytes[i];
        snprintf(header->checksum, sizeof(header->checksum), "%06o", sum & 0777777);
        return put(writer, (const char *) header, sizeof(*header));
}

static size_t digits_of(size_t number) {
        size_t digits = 1;

        while (number >= 10) {
                number /= 10;
                digits++;
        }
        return digits;
}

/* "LENGTH KEY=VALUE\n", whose length counts its own digits. */
static void add_record(Text *records, const char *key, const void *value, size_t size) {
        size_t rest = strlen(key) + size + 3, length = rest + digits_of(rest);

        length = rest + digits_of(length);
        text_appendf(records, "%zu %s=", length, key);
        text_append_n(records, value, size);
        text_append_char(records, '\n');
}

static void add_text_record(Text *records, const char *key, const char *value) {
        add_record(records, key, value, strlen(value));
}

static void add_number_record(Text *records, const char *key, uint64_t value) {
        char text[24];

        snprintf(text, sizeof(text), "%llu", (unsigned long long) value);
        add_text_record(records, key, text);
}

/* Before 1970 by the second: what a fraction adds to there, readers do not agree on. */
static void add_time_record(Text *records, const struct timespec *time) {
        char text[64];

        if (time->tv_sec >= 0 && time->tv_nsec > 0)
                snprintf(text, sizeof(text), "%jd.%09ld", (intmax_t) time->tv_sec, time->tv_nsec);
        else
                snprintf(text, sizeof(text), "%jd", (intmax_t) time->tv_sec);
        add_text_record(records, "mtime", text);
}

/* A name that is no UTF-8 is said to be bytes. */
static bool is_utf8(const char *text) {
        return !text || utf8_is_valid(text, strlen(text));
}

static void add_xattrs(const LayerEntry *entry, Text *records) {
        for (size_t i = 0; i < entry->xattr_count; i++) {
                _cleanup_free_ char *key = text_format("SCHILY.xattr.%s", entry->xattrs[i].name);

                if (!key)
                        records->failed = true;
                else
                        add_record(records, key, entry->xattrs[i].value, entry->xattrs[i].size);
        }
}

static void add_records(const LayerEntry *entry, const char *link, uint64_t size, Text *records) {
        bool long_path = strlen(entry->path) > 100, long_link = link && strlen(link) > 100;

        if ((long_path && !is_utf8(entry->path)) || (long_link && !is_utf8(link)))
                add_text_record(records, "hdrcharset", "BINARY");
        if (long_path)
                add_text_record(records, "path", entry->path);
        if (long_link)
                add_text_record(records, "linkpath", link);
        if (size > SIZE_OCTAL_MAX)
                add_number_record(records, "size", size);
        if (entry->uid > ID_MAX)
                add_number_record(records, "uid", entry->uid);
        if (entry->gid > ID_MAX)
                add_number_record(records, "gid", entry->gid);
        if (entry->mtime.tv_sec < 0 || (uint64_t) entry->mtime.tv_sec > SIZE_OCTAL_MAX || entry->mtime.tv_nsec > 0)
                add_time_record(records, &entry->mtime);
        add_xattrs(entry, records);
}

static int put_records(TarWriter *writer, const Text *records) {
        Header header = { .name = "PaxHeaders", .type = 'x' };
        int r;

        if (records->failed)
                return -ENOMEM;
        if (records->length == 0)
                return 0;
        set_octal(header.mode, sizeof(header.mode), 0644);
        set_octal(header.uid, sizeof(header.uid), 0);
        set_octal(header.gid, sizeof(header.gid), 0);
        set_octal(header.size, sizeof(header.size), records->length);
        set_octal(header.mtime, sizeof(header.mtime), 0);
        r = put_header(writer, &header);
        if (r >= 0)
                r = put(writer, records->data, records->length);
        return r < 0 ? r : pad(writer);
}

static char type_of(const LayerEntry *entry) {
        if (entry->hard_link)
                return '1';
        switch (entry->mode & S_IFMT) {
        case S_IFREG:
                return '0';
        case S_IFLNK:
                return '2';
        case S_IFDIR:
                return '5';
        case S_IFIFO:
                return '6';
        default:
                return '\0';
        }
}

/* What does not fit is 0, and in the records. */
static void fill_header(const LayerEntry *entry, const char *link, uint64_t size, Header *header) {
        bool has_time = entry->mtime.tv_sec >= 0 && (uint64_t) entry->mtime.tv_sec <= SIZE_OCTAL_MAX;

        set_name(header->name, entry->path);
        if (link)
                set_name(header->link, link);
        set_octal(header->mode, sizeof(header->mode), entry->mode & PERMISSIONS);
        set_octal(header->uid, sizeof(header->uid), entry->uid > ID_MAX ? 0 : entry->uid);
        set_octal(header->gid, sizeof(header->gid), entry->gid > ID_MAX ? 0 : entry->gid);
        set_octal(header->size, sizeof(header->size), size > SIZE_OCTAL_MAX ? 0 : size);
        set_octal(header->mtime, sizeof(header->mtime), has_time ? (uint64_t) entry->mtime.tv_sec : 0);
}

int tar_writer_add(TarWriter *writer, const LayerEntry *entry) {
        const char *link = entry->hard_link ?: entry->symlink;
        Header header = { .type = type_of(entry) };
        uint64_t size = header.type == '0' ? entry->size_bytes : 0;
        _cleanup_text_ Text records = {};
        int r;

        if (header.type == '\0')
                return -EOPNOTSUPP;
        if (writer->left > 0)
                return -EIO;
        add_records(entry, link, size, &records);
        r = pad(writer);
        if (r >= 0)
                r = put_records(writer, &records);
        if (r < 0)
                return r;
        fill_header(entry, link, size, &header);
        writer->left = size;
        return put_header(writer, &header);
}

static int take(TarWriter *writer, const char *data, uint64_t size) {
        if (size > writer->left)
                return -EIO;
        writer->left -= size;
        return put(writer, data, size);
}

int tar_writer_write(TarWriter *writer, const void *data, size_t size) {
        return take(writer, data, size);
}

int tar_writer_write_zeros(TarWriter *writer, uint64_t size) {
        return take(writer, NULL, size);
}

/* The whole */

int tar_writer_open(int fd, TarWriter *ret) {
        _cleanup_tar_writer_ TarWriter writer = { .fd = fd, .buffer = malloc(BUFFER) };
        int r = writer.buffer ? digester_new(&writer.digester) : -ENOMEM;

        if (r < 0)
                return r;
        *ret = writer;
        writer = (TarWriter) {};
        return 0;
}

int tar_writer_finish(TarWriter *writer, char ret_digest[DIGEST_TEXT_SIZE], uint64_t *ret_bytes) {
        int r;

        if (writer->left > 0)
                return -EIO;
        r = pad(writer);
        if (r >= 0)
                r = put(writer, NULL, (uint64_t) 2 * BLOCK);
        if (r >= 0)
                r = flush(writer);
        if (r < 0)
                return r;
        digester_finish(writer->digester, ret_digest);
        *ret_bytes = writer->bytes;
        return 0;
}

void tar_writer_done(TarWriter *writer) {
        if (writer->digester)
                digester_free(writer->digester);
        writer->digester = NULL;
        writer->buffer = x_free(writer->buffer);
}
