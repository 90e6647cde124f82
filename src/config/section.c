/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a file of any kind into the struct of its own section. */
#include "config/section.h"

#include <errno.h>

static UnitFile *unit_of(const SectionType *type, void *object) {
        return (UnitFile *) (void *) ((char *) object + type->unit_offset);
}

static KeysSet *set_of(const SectionType *type, void *object) {
        return (KeysSet *) (void *) ((char *) object + type->set_offset);
}

int section_load(const SectionType *type, UnitFile *unit, const SpecifierContext *specifiers, Diagnostics *diagnostics, Quadlet *quadlet, void **ret) {
        const ValueContext context = { .specifiers = specifiers, .diagnostics = diagnostics };
        void *object = calloc(1, type->size);
        int r;

        if (!object) {
                unit_file_done(unit);
                return -ENOMEM;
        }
        *unit_of(type, object) = *unit;
        *unit = (UnitFile) {};
        sections_check(unit_of(type, object), type->name, diagnostics);
        r = keys_parse_section(unit_of(type, object), type->name, &context, object, set_of(type, object));
        if (r >= 0)
                r = keys_parse_section(unit_of(type, object), "Quadlet", &context, quadlet, set_of(type, object));
        if (r < 0) {
                section_free(type, object);
                return r;
        }
        *ret = object;
        return 0;
}

void section_free(const SectionType *type, void *object) {
        if (!object)
                return;
        keys_done_section(type->name, object);
        unit_file_done(unit_of(type, object));
        free(object);
}
