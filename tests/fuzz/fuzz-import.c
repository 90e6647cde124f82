/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary bytes to what reads files of docker compose and of nspawn; the first says which.
 * What comes of them is read again: no value may become a line of its own. */
#include "source/ini-file.h"
#include "start/import/import-compose.h"
#include "start/import/import-nspawn.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

static void look(const ImportedFile *file) {
        static const char *const others[] = { "Unit", "Service", "Install" };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_text_ Text text = {};
        size_t lines = 0;

        imported_write(file, &text);
        if (text.failed || text.length > UNIT_FILE_SIZE_MAX)
                return;
        require(unit_file_read(&unit, text.data, text.length, "made", &diagnostics) == 0, "it can be read");
        require(diagnostics.errors == 0, "nothing is wrong in it");
        for (const char *c = text.data; (c = strchr(c, '\n')); c++)
                lines++;
        require(unit.count <= lines, "each value is a line");
        for (size_t i = 0; i < unit.sections.count; i++) {
                const char *name = unit.sections.items[i];
                bool known = streq(name, file->section);

                for (size_t j = 0; j < ARRAY_SIZE(others); j++)
                        known |= streq(name, others[j]);
                require(known, "no section is made up");
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_imported_ Imported imported = {};
        const StringList none = {};
        _cleanup_free_ char *text = size > 0 ? strndup((const char *) data + 1, size - 1) : NULL;
        int r;

        if (!text || strlen(text) != size - 1)
                return 0;
        r = *data == 'c' ? import_compose(text, size - 1, "fuzz", "/srv", "srv", &none, &diagnostics, &imported)
                         : import_nspawn(text, size - 1, "fuzz", "box", &diagnostics, &imported);
        require(r == 0 || r == -EREPORTED || r == -EFBIG, "a text is taken or refused");
        for (size_t i = 0; i < imported.count && r == 0 && diagnostics.errors == 0; i++)
                look(imported.items[i]);
        return 0;
}
