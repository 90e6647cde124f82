/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which directory of the machine's own is mounted on a volume. */
#include "volume/volume-origin.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "basic/directory.h"
#include "host/record.h"
#include "source/places.h"

#define CHOSEN "chosen"
#define FIXED "fixed"

enum { DATA_PATH, PATH, HOW, _WORD_COUNT };

void volume_origin_append(Text *record, const char *data_path, const SafePath *source) {
        struct stat st;

        if (source->fd < 0 || fstat(source->fd, &st) < 0 || !S_ISDIR(st.st_mode))
                record_append(record, data_path, NULL);
        else
                record_append(record, data_path, source->path, source->may_be_chosen ? CHOSEN : FIXED, NULL);
}

typedef struct Search {
        const char *data_path;
        VolumeOrigin *origin;
} Search;

static int compare(const StringList *words, void *userdata) {
        const Search *search = userdata;

        if (words->count != _WORD_COUNT || !streq(words->items[DATA_PATH], search->data_path))
                return 0;
        volume_origin_done(search->origin);
        search->origin->path = strdup(words->items[PATH]);
        search->origin->may_be_chosen = !streq(words->items[HOW], FIXED);
        return search->origin->path ? 0 : -ENOMEM;
}

/* A record may go away meanwhile, with its mount. */
int volume_origin_find(const char *data_path, VolumeOrigin *ret) {
        _cleanup_volume_origin_ VolumeOrigin origin = {};
        _cleanup_closedir_ DIR *records = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(place_path(PLACE_VOLUME_RECORDS), &records);
        while (r >= 0 && (r = directory_next(records, &entry)) > 0) {
                if (entry->d_name[0] == '.')
                        continue;
                r = record_read(dirfd(records), entry->d_name, false, compare, &(Search) { data_path, &origin });
                r = r == -ENOENT ? 0 : r;
        }
        if (r < 0 && r != -ENOENT)
                return r;
        *ret = origin;
        origin = (VolumeOrigin) {};
        return 0;
}

int volume_origin_diagnose_chosen(const Location *where, const char *what, const char *path,
                                  Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, where,
                              "%s of \"%s\": what root owns, in a directory that others can write to, could be "
                              "another of their choice; use: chown USER %s",
                              what, path, path);
}

void volume_origin_done(VolumeOrigin *origin) {
        origin->path = x_free(origin->path);
        origin->may_be_chosen = false;
}
