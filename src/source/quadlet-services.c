/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source/quadlet-services.h"

#include <errno.h>

#include "basic/text.h"
#include "source/unit-directories.h"
#include "source/unit-name.h"
#include "source/unit-reference.h"

#define WHITE_SPACE " \t\n\r"

static bool takes_units(const Entry *entry) {
        if (streq(entry->section, "Unit"))
                return key_takes_units(entry->key);
        return streq(entry->section, "Install") &&
               (streq(entry->key, "WantedBy") || streq(entry->key, "RequiredBy") || streq(entry->key, "UpheldBy"));
}

static int find_one(const char *service, size_t size, FileType type, const Sources *sources, char **ret) {
        const char *suffix = file_type_quadlet_suffix(type);
        size_t n = strlen(suffix);
        _cleanup_free_ char *stem = NULL;
        const Source *source;

        if (size <= n || memcmp(service + size - n, suffix, n) != 0)
                return 0;
        stem = strndup(service, size - n);
        if (!stem)
                return -ENOMEM;
        source = sources_find_or_template(sources, type, stem);
        if (!source || source->masked)
                return 0;
        *ret = text_format("%s.%s", stem, file_type_name(type));
        return *ret ? 1 : -ENOMEM;
}

/* "a-volume.service" is of a.volume first, and only then of "a-volume.container". */
static int find_file(const char *service, size_t size, const Sources *sources, char **ret) {
        int r = 0;

        for (FileType type = 0; r == 0 && type < _FILE_TYPE_COUNT; type++)
                if (*file_type_quadlet_suffix(type))
                        r = find_one(service, size, type, sources, ret);
        for (FileType type = 0; r == 0 && type < _FILE_TYPE_COUNT; type++)
                if (!*file_type_quadlet_suffix(type))
                        r = find_one(service, size, type, sources, ret);
        return r;
}

/* Returns the size of what stands at `offset` now, or -ENOMEM. */
static ssize_t adopt_word(Entry *entry, size_t offset, size_t size, Scope scope, const Sources *sources) {
        _cleanup_free_ char *service = strndup(entry->value + offset, size), *file = NULL;
        const char *end;
        int r;

        if (!service)
                return -ENOMEM;
        end = endswith(service, ".service");
        r = end ? find_file(service, (size_t) (end - service), sources, &file) : 0;
        if (r > 0) {
                r = unit_is_installed(service, scope, NULL);
                r = r < 0 ? r : !r;
        }
        if (r <= 0)
                return r < 0 ? r : (ssize_t) size;
        r = entry_replace(entry, offset, size, file);
        return r < 0 ? r : (ssize_t) strlen(file);
}

char *quadlet_service_name(FileType type, const char *stem) {
        _cleanup_free_ char *escaped = stem_escape(stem);

        return escaped ? text_format("%s%s.service", escaped, file_type_quadlet_suffix(type)) : NULL;
}

int quadlet_services_adopt(UnitFile *unit, Scope scope, const Sources *sources) {
        for (size_t i = 0; i < unit->count; i++) {
                Entry *entry = &unit->entries[i];
                size_t offset = 0, size;

                if (!takes_units(entry))
                        continue;
                for (;;) {
                        ssize_t n;

                        offset += strspn(entry->value + offset, WHITE_SPACE);
                        size = strcspn(entry->value + offset, WHITE_SPACE);
                        if (size == 0)
                                break;
                        n = adopt_word(entry, offset, size, scope, sources);
                        if (n < 0)
                                return (int) n;
                        offset += (size_t) n;
                }
        }
        return 0;
}
