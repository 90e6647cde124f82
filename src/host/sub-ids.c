/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subordinate IDs. */
#include "host/sub-ids.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "config/value/values.h"

enum { FILE_LARGEST = 1 << 20 };

/* "name:first:count" */
static bool parse_line(const char *line, size_t n, const char *name, uint64_t *ret_first, uint64_t *ret_count) {
        _cleanup_free_ char *copy = strndup(line, n);
        char *rest = copy, *fields[3];

        if (!copy)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
                fields[i] = strsep(&rest, ":");
        return !rest && fields[2] && streq(fields[0], name) &&
               text_to_unsigned(fields[1], UINT32_MAX - 1, ret_first) == 0 &&
               text_to_unsigned(fields[2], UINT32_MAX, ret_count) == 0;
}

int sub_ids_parse(const char *text, const char *name, IdMap *ret) {
        _cleanup_id_map_ IdMap map = {};
        uint64_t first, count, inside = 0;
        int r;

        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                if (parse_line(line, n, name, &first, &count) && count > 0) {
                        if (inside + count > UINT32_MAX)
                                return -EEXIST;
                        r = id_map_add(&map, (IdMapping) { (uint32_t) inside, (uint32_t) first, (uint32_t) count });
                        if (r < 0)
                                return r == -ENOMEM ? r : -EEXIST;
                        inside += count;
                }
                line += n + (line[n] == '\n');
        }
        *ret = map;
        map = (IdMap) {};
        return 0;
}

int sub_ids_read(const char *file, const char *name, IdMap *ret) {
        _cleanup_free_ char *text = NULL;
        int r = read_file_at(AT_FDCWD, file, FILE_LARGEST, &text, NULL);

        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : sub_ids_parse(text, name, ret);
}
