/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a migration notes down. */
#include "start/migrate/migrate-record.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/record.h"
#include "source/places.h"

#define RECORD "record"

int migrate_record_lock(void) {
        int r = sweep_temporary_files(place_path(PLACE_MIGRATION));

        if (r >= 0)
                r = make_directories_at(AT_FDCWD, place_path(PLACE_STATE), 0755);
        return r < 0 ? r : make_locked_directory(place_path(PLACE_MIGRATION));
}

int migrate_record_add(MigrateRecord *record, const char *service, const char *unit) {
        int r;

        for (size_t i = 0; i < record->services.count; i++)
                if (streq(record->services.items[i], service))
                        return 0;
        r = string_list_add(&record->services, service);
        return r < 0 ? r : string_list_add(&record->units, unit);
}

static void clear(StringList *list) {
        string_list_done(list);
        *list = (StringList) {};
}

int migrate_record_end(MigrateRecord *record, bool is_done) {
        int r = 0;

        for (size_t i = 0; r >= 0 && is_done && i < record->copies.count; i++)
                if (!string_list_contains(&record->kept, record->copies.items[i]))
                        r = string_list_add(&record->kept, record->copies.items[i]);
        if (r < 0)
                return r;
        clear(&record->services);
        clear(&record->units);
        clear(&record->files);
        clear(&record->copies);
        if (is_done)
                clear(&record->volumes);
        return 0;
}

static int take_line(const StringList *words, void *userdata) {
        MigrateRecord *record = userdata;

        if (words->count == 3 && streq(words->items[0], "start"))
                return migrate_record_add(record, words->items[1], words->items[2]);
        if (words->count == 2 && streq(words->items[0], "volume"))
                return string_list_add(&record->volumes, words->items[1]);
        if (words->count == 2 && streq(words->items[0], "file"))
                return string_list_add(&record->files, words->items[1]);
        if (words->count == 2 && streq(words->items[0], "copy"))
                return string_list_add(&record->copies, words->items[1]);
        if (words->count == 2 && streq(words->items[0], "kept"))
                return string_list_add(&record->kept, words->items[1]);
        return -EBADMSG;
}

int migrate_record_read(MigrateRecord *ret) {
        _cleanup_close_ int fd = open(place_path(PLACE_MIGRATION), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = fd < 0 ? -errno : record_read(fd, RECORD, false, take_line, ret);

        return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int remove_record(void) {
        _cleanup_free_ char *path = text_format("%s/" RECORD, place_path(PLACE_MIGRATION));

        if (!path)
                return -ENOMEM;
        if (unlink(path) < 0)
                return errno == ENOENT ? 0 : -errno;
        return sync_parent_at(AT_FDCWD, path);
}

int migrate_record_write(const MigrateRecord *record) {
        _cleanup_free_ char *path = text_format("%s/" RECORD, place_path(PLACE_MIGRATION));
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < record->services.count; i++)
                record_append(&text, "start", record->services.items[i], record->units.items[i], NULL);
        for (size_t i = 0; i < record->volumes.count; i++)
                record_append(&text, "volume", record->volumes.items[i], NULL);
        for (size_t i = 0; i < record->files.count; i++)
                record_append(&text, "file", record->files.items[i], NULL);
        for (size_t i = 0; i < record->copies.count; i++)
                record_append(&text, "copy", record->copies.items[i], NULL);
        for (size_t i = 0; i < record->kept.count; i++)
                record_append(&text, "kept", record->kept.items[i], NULL);
        if (!path || text.failed)
                return -ENOMEM;
        return text.length == 0 ? remove_record()
                                : write_file_durable_at(AT_FDCWD, path, text.data, text.length, 0600);
}

void migrate_record_done(MigrateRecord *record) {
        string_list_done(&record->services);
        string_list_done(&record->units);
        string_list_done(&record->files);
        string_list_done(&record->volumes);
        string_list_done(&record->copies);
        string_list_done(&record->kept);
}
