/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Libraries that are loaded when they are first needed. A container's start runs several
 * short-lived helpers; loading libsystemd costs as much as all the rest of them, so only those pay
 * that use it. */
#pragma once

#include "basic/alloc.h"

typedef struct DynamicSymbol {
        const char *name;
        void **address; /* of the function pointer to fill */
} DynamicSymbol;

/* Declares a pointer `sym_NAME` for the library's function NAME, with the type that its header
 * gives it. */
#define DYNAMIC_FUNCTION(function) static typeof(function) *sym_##function

/* A line of the table that dynamic_load() takes. */
#define DYNAMIC_SYMBOL(function) { #function, (void **) &sym_##function }

/* Loads `library` (its soname) and finds all symbols. It stays loaded. Returns 0, or -ENOPKG when
 * the library or one of its symbols is missing; `ret_reason` (may be NULL) is then what the dynamic
 * linker said, static. */
int dynamic_load(const char *library, const DynamicSymbol symbols[], size_t count, const char **ret_reason);
