/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What differs from Quadlet. */
#include "start/migrate/migrate-notes.h"

static const struct {
        FileType type;
        KeyId key;
        const char *name, *text;
} notes[] = {
#define Container_FILE FILE_CONTAINER
#define Network_FILE FILE_NETWORK
#define Pod_FILE FILE_POD
#define Volume_FILE FILE_VOLUME
#define NOTE(section, key, text) { section##_FILE, KEY_##section##_##key, #key, text },
#include "start/migrate/migrate-notes.def"
};

int migrate_notes_add(const Section *section, StringList *to) {
        for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
                Location where = notes[i].type == section->file_type ? section_where(section, notes[i].key)
                                                                     : (Location) {};
                int r;

                if (!where.file)
                        continue;
                r = string_list_addf(to, "%s:%u:%u: note: %s=: %s", where.file, where.line, where.column, notes[i].name,
                                     notes[i].text);
                if (r < 0)
                        return r;
        }
        return 0;
}
