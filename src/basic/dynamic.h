/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Libraries that are loaded when they are first needed. A container's start runs several
 * short-lived helpers; loading libsystemd costs as much as all the rest of them, so only those pay
 * that use it. */
#pragma once

#include <stdint.h>

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

/* Notes in the program that it loads `soname`, which packagers' tools read to make a dependency of
 * it: "ELF dlopen metadata" of the UAPI group. `id` is any word; `priority` is "required",
 * "recommended" or "suggested". At file scope, once for each library, in a file that loads it. */
#define DYNAMIC_NOTE(id, soname, feature, priority, description) \
        DYNAMIC_NOTE_JSON(id, "[{\"feature\":\"" feature "\",\"description\":\"" description \
                              "\",\"priority\":\"" priority "\",\"soname\":[\"" soname "\"]}]")

#define DYNAMIC_NOTE_JSON(id, json)                                                           \
        __attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {      \
                uint32_t name_size, json_size, type;                                          \
                _Alignas(uint32_t) char name[sizeof("FDO")];                                  \
                _Alignas(uint32_t) char text[sizeof(json)];                                   \
        } dynamic_note_##id = { sizeof("FDO"), sizeof(json), 0x407c0c0a, "FDO", json }
