/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a file of any kind into the struct of its own section. */
#include "config/section.h"

#include <errno.h>

#include "config/key-parse.h"
#include "config/podman-arguments.h"
#include "config/quadlet.h"
#include "config/remap.h"
#include "config/sandbox.h"
#include "config/service-environment.h"

static Section *section_of(const SectionType *type, void *object) {
        return (Section *) (void *) ((char *) object + type->offset);
}

static int copy(char **field, const char *text) {
        *field = text ? strdup(text) : NULL;
        return text && !*field ? -ENOMEM : 0;
}

static int fill(Section *section, const SpecifierContext *specifiers, Diagnostics *diagnostics, void *object) {
        _cleanup_string_list_ StringList said = {};
        const Variables variables = {
                .assignments = specifiers->environment ?: &said,
                .complete = specifiers->environment || specifiers->starting,
        };
        const ValueContext context = { .specifiers = specifiers, .variables = &variables, .diagnostics = diagnostics };
        const char *name = file_type_section(section->file_type);
        Quadlet quadlet = {};
        int r;

        if (copy(&section->stem, specifiers->stem) < 0 || copy(&section->unit_name, specifiers->unit_name) < 0 ||
            copy(&section->path, specifiers->path) < 0)
                return -ENOMEM;
        sections_check(&section->unit, name, diagnostics);
        r = specifiers->environment ? 0 : service_environment_find(&section->unit, specifiers, &said);
        if (r >= 0)
                r = podman_arguments_translate(&section->unit, name, &context);
        if (r >= 0 && section->file_type == FILE_CONTAINER)
                r = sandbox_translate(&section->unit, name, specifiers, diagnostics);
        if (r >= 0)
                r = remap_translate(&section->unit, name, diagnostics);
        if (r >= 0)
                r = keys_parse_section(&section->unit, name, &context, object, &section->set);
        if (r >= 0)
                r = keys_parse_section(&section->unit, "Quadlet", &context, &quadlet, &section->set);
        section->default_dependencies = quadlet.default_dependencies;
        return r;
}

int section_load(const SectionType *type, UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics,
                 void **ret) {
        void *object = calloc(1, type->size);
        Section *section;
        int r;

        if (!object) {
                unit_file_done(unit);
                return -ENOMEM;
        }
        section = section_of(type, object);
        section->file_type = type->type;
        section->unit = *unit;
        *unit = (UnitFile) {};
        r = fill(section, context, diagnostics, object);
        if (r < 0) {
                section_free(type, object);
                return r;
        }
        *ret = object;
        return 0;
}

Location section_where(const Section *section, KeyId key) {
        const Entry *entry = section->set.entry[key] ?: section->set.open[key];

        return entry ? entry->where : (Location) {};
}

bool section_is_given(const Section *section, KeyId key) {
        bool given = false;

        for (size_t i = 0; i < section->unit.count; i++) {
                const Entry *entry = &section->unit.entries[i];

                if (streq(entry->key, keys[key].name) && streq(entry->section, keys[key].section))
                        given = *entry->value;
        }
        return given;
}

KeyId section_key(const Section *section, const char *name) {
        return key_id(key_find(file_type_section(section->file_type), name));
}

void section_free(const SectionType *type, void *object) {
        Section *section;

        if (!object)
                return;
        section = section_of(type, object);
        keys_done_section(file_type_section(type->type), object);
        unit_file_done(&section->unit);
        free(section->stem);
        free(section->unit_name);
        free(section->path);
        free(object);
}
