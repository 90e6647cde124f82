/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a name to the value of its file, for files of every kind: found, read, parsed and
 * checked. */
#pragma once

#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/volume.h"
#include "source/sources.h"

/* Finds the file `stem` of this type on the search path of places_scope(), reads it and checks it
 * as a whole. `environment` is the service's, for the variables in values, or NULL: what [Service]
 * says. What is wrong goes to `diagnostics`, also that it is masked. Returns 0 with an object
 * without errors, -ENOENT (not reported) when there is no such file, -EREPORTED, or another
 * -errno. */
int kind_look_up(FileType type, const char *stem, const StringList *environment, Diagnostics *diagnostics, void **ret);

/* The same, but that there is no such file is reported, too. */
int kind_find(FileType type, const char *stem, const StringList *environment, Diagnostics *diagnostics, void **ret);

/* Reads and checks what `source` has. `machine` says the scope, the environment, and with what
 * lookup specifiers are looked up; its other members are not used. Returns 0 without errors,
 * -EREPORTED, or another -errno. The object exists also when there were errors, else `ret` is
 * untouched. */
int kind_read(const Source *source, const SpecifierContext *machine, Diagnostics *diagnostics, void **ret);

/* Defines container_find(), container_look_up(), container_read(), volume_read() …, with the types
 * of their own. */
#define KIND_KEYS(type, Struct, prefix, ...)                                                                           \
        static inline int prefix##_find(const char *stem, const StringList *environment, Diagnostics *diagnostics,     \
                                        Struct **ret) {                                                                \
                void *object = *ret;                                                                                   \
                int r = kind_find(FILE_##type, stem, environment, diagnostics, &object);                               \
                                                                                                                       \
                *ret = object;                                                                                         \
                return r;                                                                                              \
        }                                                                                                              \
        static inline int prefix##_look_up(const char *stem, const StringList *environment, Diagnostics *diagnostics,  \
                                           Struct **ret) {                                                             \
                void *object = *ret;                                                                                   \
                int r = kind_look_up(FILE_##type, stem, environment, diagnostics, &object);                            \
                                                                                                                       \
                *ret = object;                                                                                         \
                return r;                                                                                              \
        }                                                                                                              \
        static inline int prefix##_read(const Source *source, const SpecifierContext *machine,                         \
                                        Diagnostics *diagnostics, Struct **ret) {                                      \
                void *object = *ret;                                                                                   \
                int r = kind_read(source, machine, diagnostics, &object);                                              \
                                                                                                                       \
                *ret = object;                                                                                         \
                return r;                                                                                              \
        }
#define KIND KIND_KEYS
#include "source/kinds.def"

/* The absolute form of a file's path, by which relative paths in it are understood. Returns 0 or
 * -errno. Caller frees. */
int source_absolute_path(const char *path, char **ret);
