/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking keys and sections up in the vocabulary. */
#include "config/keys.h"

#include <errno.h>

#include "basic/text.h"

/* Where the keys of a section begin and end: in keys.def they stand together. */
typedef struct Range {
        size_t first, end;
} Range;

/* For every line of every file the table is asked for a section: these are its boundaries, looked
 * for once. */
static Range range_of(const char *section) {
        enum { SECTIONS_MOST = 16 };
        static Range ranges[SECTIONS_MOST];
        static size_t count = 0;

        for (size_t i = 0; i < _KEY_COUNT && (count == 0 || ranges[count - 1].end < _KEY_COUNT); i++)
                if (i > 0 && streq(keys[i].section, keys[i - 1].section))
                        ranges[count - 1].end = i + 1;
                else if (count < SECTIONS_MOST)
                        ranges[count++] = (Range) { i, i + 1 };
        for (size_t i = 0; i < count; i++)
                if (streq(keys[ranges[i].first].section, section))
                        return ranges[i];
        return (Range) {};
}

const Key *key_find(const char *section, const char *name) {
        Range range = range_of(section);

        for (size_t i = range.first; i < range.end; i++)
                if (keys[i].name[0] == name[0] && streq(keys[i].name, name))
                        return &keys[i];
        return NULL;
}

const char *key_suggest(const char *section, const char *name) {
        Nearest nearest = { .wanted = name };
        Range range = range_of(section);

        for (size_t i = range.first; i < range.end; i++)
                nearest_consider(&nearest, keys[i].name);
        return nearest.name;
}

bool section_is_ours(const char *section) {
        return range_of(section).end > 0;
}

static const char *const handed_on[] = { "Unit", "Service", "Install", "Socket" };

bool section_is_handed_on(const char *section) {
        for (size_t i = 0; i < ARRAY_SIZE(handed_on); i++)
                if (streq(section, handed_on[i]))
                        return true;
        return startswith(section, "X-");
}

const char *section_suggest(const char *section, const char *own) {
        Nearest nearest = { .wanted = section };

        nearest_consider(&nearest, own);
        nearest_consider(&nearest, "Quadlet");
        for (size_t i = 0; i < ARRAY_SIZE(handed_on); i++)
                nearest_consider(&nearest, handed_on[i]);
        return nearest.name;
}

void keys_done_section(const char *section, void *object) {
        Range range = range_of(section);

        for (size_t i = range.first; i < range.end; i++)
                keys[i].done((char *) object + keys[i].offset);
}
