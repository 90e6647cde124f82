/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.def as a table. */
#pragma once

#include "oci/facts.h"

typedef enum FactKind {
#define KIND(name, ctype, done, json) FACT_KIND_##name,
        FACT_KINDS(KIND)
#undef KIND
        _FACT_KIND_COUNT,
} FactKind;

/* The struct that a fact is a member of. */
typedef enum FactOwner {
        OWNER_FACTS,
        OWNER_DEVICE,
        OWNER_LABELS,
} FactOwner;

typedef struct Fact {
        FactOwner owner;
        const char *name;
        FactKind kind;
        size_t offset;       /* of the field in the owner */
        const char *example; /* JSON; "": none */
} Fact;

/* In the order of facts.def, up to one without a name. */
extern const Fact fact_table[];
