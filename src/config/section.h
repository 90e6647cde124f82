/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading a file of any kind into the struct of its own section: what container_load(), volume_load() and the others share. */
#pragma once

#include "config/keys.h"
#include "config/quadlet.h"

/* Where such a struct keeps what is not a key. */
typedef struct SectionType {
        const char *name; /* "Container" */
        size_t size;
        size_t set_offset;  /* of its KeysSet */
        size_t unit_offset; /* of its UnitFile */
} SectionType;

#define SECTION_TYPE(type) { #type, sizeof(type), offsetof(type, set), offsetof(type, unit) }

/* Makes a struct of `type`, hands it what `unit` holds (which is empty then, also on failure) and fills it from the section;
 * `quadlet` is filled from [Quadlet]. Returns 0, also with errors in `diagnostics`, or -ENOMEM. Free with section_free(). */
int section_load(const SectionType *type, UnitFile *unit, const SpecifierContext *specifiers, Diagnostics *diagnostics, Quadlet *quadlet, void **ret);

/* NULL is fine. */
void section_free(const SectionType *type, void *object);
