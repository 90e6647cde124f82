/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a file of any kind is, whatever its own keys say: the part that Container, Volume, Network,
 * Image and Pod have in common. */
#pragma once

#include "config/keys.h"
#include "config/types.h"
#include "source/unit-name.h"

/* All are owned. */
#define SECTION_MEMBERS                                                                                                \
        FileType file_type;                                                                                            \
        KeysSet set;     /* which keys were set, and where */                                                          \
        UnitFile unit;   /* the places point into it; its [Unit], [Service], [Install] are for the generator */        \
        char *stem;      /* "web", "web@a" */                                                                          \
        char *unit_name; /* "container@web.service" */                                                                 \
        char *path;      /* the main file */                                                                           \
        TriState default_dependencies; /* of [Quadlet] */                                                              \
        char *service_name;                                                                                            \
        StringList podman_arguments, global_arguments, containers_conf_modules;

typedef struct Section {
        SECTION_MEMBERS
} Section;

/* In a section's struct: `container->stem` is `container->section.stem`. */
#define SECTION                                                                                                        \
        union {                                                                                                        \
                Section section;                                                                                       \
                struct {                                                                                               \
                        SECTION_MEMBERS                                                                                \
                };                                                                                                     \
        }

typedef struct SectionType {
        FileType type;
        size_t size;
        size_t offset; /* of its Section */
} SectionType;

#define SECTION_TYPE(type, name) { type, sizeof(name), offsetof(name, section) }

/* Makes a struct of `type`, hands it what `unit` holds (which is empty then, also on failure) and
 * fills it. `context` gives the specifiers' values; its stem, unit name and path are copied.
 * Returns 0, also with errors in `diagnostics`, or -ENOMEM. Free with section_free(). */
int section_load(const SectionType *type, UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics,
                 void **ret);

/* Returns the place a key was set at, be its value known yet or not; {} when it was not set. */
Location section_where(const Section *section, KeyId key);

/* Whether the file has a value for the key, sound or not: what was refused once is not missing,
 * too. */
bool section_is_given(const Section *section, KeyId key);

/* The KeyId of a key that every file has, such as "ServiceName". */
KeyId section_key(const Section *section, const char *name);

/* NULL is fine. */
void section_free(const SectionType *type, void *object);
