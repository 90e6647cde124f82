/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tar archives as an attacker writes them: header by header, with whatever is asked for; see pax(1)
 * for the format. */
#pragma once

#include <stdio.h>

#include "tests/unit/test.h"

enum { TAR_BLOCK = 512 };

/* What an entry says. Zero is "an empty regular file of root's". */
typedef struct TarEntry {
        const char *path;
        /* '0' file, '1' hard link, '2' symlink, '3' 'c' device, '4' block device, '5' directory,
         * '6' FIFO */
        char type;
        const char *link;
        unsigned mode;         /* 0: 0644, 0755 for a directory */
        unsigned uid, gid;
        uint64_t size;         /* of what `content` does not have; it is then left out */
        const char *content;
        unsigned major, minor;
        unsigned mtime;
} TarEntry;

static inline void tar_pad(Text *tar) {
        while (tar->length % TAR_BLOCK != 0)
                text_append_char(tar, '\0');
}

static inline void tar_add(Text *tar, const TarEntry *entry) {
        unsigned char header[TAR_BLOCK] = {};
        char *h = (char *) header;
        uint64_t size = entry->content ? strlen(entry->content) : entry->size;
        unsigned mode = entry->mode ?: (entry->type == '5' ? 0755 : 0644), sum = 0;

        ck_assert_uint_lt(strlen(entry->path), 100);
        memcpy(h, entry->path, strlen(entry->path));
        snprintf(h + 100, 8, "%07o", mode & 07777);
        snprintf(h + 108, 8, "%07o", entry->uid & 07777777);
        snprintf(h + 116, 8, "%07o", entry->gid & 07777777);
        snprintf(h + 124, 12, "%011llo", (unsigned long long) size & 077777777777);
        snprintf(h + 136, 12, "%011o", entry->mtime);
        h[156] = entry->type ?: '0';
        if (entry->link)
                memcpy(h + 157, entry->link, strlen(entry->link));
        memcpy(h + 257, "ustar\00000", 8);
        snprintf(h + 329, 8, "%07o", entry->major & 07777777);
        snprintf(h + 337, 8, "%07o", entry->minor & 07777777);
        memset(h + 148, ' ', 8);
        for (size_t i = 0; i < sizeof(header); i++)
                sum += header[i];
        snprintf(h + 148, 8, "%06o", sum & 0777777);
        text_append_n(tar, h, sizeof(header));
        if (entry->content)
                text_append_n(tar, entry->content, size);
        tar_pad(tar);
}

/* An extended attribute of the entry after it, in a pax header. */
static inline void tar_add_xattr(Text *tar, const char *name, const char *value) {
        _cleanup_free_ char *body = text_format(" SCHILY.xattr.%s=%s\n", name, value), *record = NULL;
        size_t length = strlen(body) + 2;

        if (length > 99)
                length++;
        record = text_format("%zu%s", length, body);
        ck_assert_uint_eq(strlen(record), length);
        tar_add(tar, &(TarEntry) { .path = "pax", .type = 'x', .content = record });
}

static inline void tar_end(Text *tar) {
        for (size_t i = 0; i < 2 * TAR_BLOCK; i++)
                text_append_char(tar, '\0');
}
