/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kinds that facts.def names: the C type of each, and what it is in JSON. Every one has a
 * reader in facts-from-json.c and a writer in facts-to-json.c. */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"
#include "config/id-map.h"

typedef enum OciNamespace {
        OCI_NAMESPACE_PID,
        OCI_NAMESPACE_NETWORK,
        OCI_NAMESPACE_IPC,
        OCI_NAMESPACE_UTS,
        OCI_NAMESPACE_MOUNT,
        OCI_NAMESPACE_CGROUP,
        OCI_NAMESPACE_USER,
        _OCI_NAMESPACE_COUNT,
} OciNamespace;

/* Their members are in facts.def, the structs in facts.h. */
typedef struct FactDevice FactDevice;
typedef struct FactLabels FactLabels;

typedef struct FactDeviceList {
        FactDevice *items;
        size_t count, allocated;
} FactDeviceList;

/* Where something that is written in the file really is: a mount destination inside the root file
 * system, free of symlinks, of which only those that differ are listed. */
typedef struct FactPath {
        char *written;
        char *resolved;
} FactPath;

typedef struct FactPathList {
        FactPath *items;
        size_t count, allocated;
} FactPathList;

typedef struct FactIds {
        uint32_t *items;
        size_t count, allocated;
} FactIds;

typedef char FactAccess[4];
typedef char *FactNamespaces[_OCI_NAMESPACE_COUNT];

/* clang-format off */
/*                NAME          C type of the field  freed by     what it must be in JSON */
#define FACT_KINDS(K)                                                                                                  \
        K(string,       char *,              string,      "a string")                                                  \
        K(optional,     char *,              string,      "a string or null")                                          \
        K(context,      char *,              string,      "a context, \"USER:ROLE:TYPE[:LEVEL]\"")                     \
        K(text,         char *,              string,      "an object or null") /* stands for a file with that text */  \
        K(bool,         bool,                scalar,      "true or false")                                             \
        K(uint32,       uint32_t,            scalar,      "a number")                                                  \
        K(uint64,       uint64_t,            scalar,      "a number")                                                  \
        K(mode,         mode_t,              scalar,      "an octal number in quotes, \"0660\"")                       \
        K(device_type,  char,                scalar,      "\"c\" or \"b\"")                                            \
        K(access,       FactAccess,          scalar,      "some of \"rwm\"")                                           \
        K(capabilities, uint64_t,            scalar,      "an array of names, \"CAP_CHOWN\"")                          \
        K(ids,          FactIds,             ids,         "an array of numbers")                                       \
        K(strings,      StringList,          string_list, "an array of strings")                                       \
        K(paths,        FactPathList,        paths,       "an object of strings")                                      \
        K(globs,        FactPathList,        paths,       "an object of arrays of strings")                            \
        K(hooks,        FactPathList,        paths,       "an object of objects")                                      \
        K(id_map,       IdMap,               id_map,      "an array of mappings, \"0:524288:65536\"")                  \
        K(namespaces,   FactNamespaces,      namespaces,  "an object of paths by type, \"pid\"")                       \
        K(devices,      FactDeviceList,      devices,     "an array of objects")                                       \
        K(labels,       FactLabels,          labels,      "an object or null")
/* clang-format on */

#define TYPE_OF_KIND(name, ctype, done, json) typedef ctype FactType_##name;
FACT_KINDS(TYPE_OF_KIND)
#undef TYPE_OF_KIND
