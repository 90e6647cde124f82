/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every kind of file has in common, whatever struct its section becomes. */
#pragma once

#include "source/ini-file.h"
#include "source/sources.h"
#include "source/specifiers.h"

/* `object` is the struct of the kind's section: a Container, a Volume … */
typedef struct Kind {
        bool is_supported; /* the file becomes a unit */
        int (*load)(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, void **ret);
        void (*check)(const void *object, Diagnostics *diagnostics);
        void (*check_references)(const void *object, const Sources *sources, Diagnostics *diagnostics);
        void (*check_supported)(const void *object, Diagnostics *diagnostics);
        void (*free)(void *object);
} Kind;

/* Returns what source/kinds.def says of the type, or NULL when only its name is known. Static. */
const Kind *kind_get(FileType type);
