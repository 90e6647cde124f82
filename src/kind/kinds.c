/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kinds.def as a table of functions that know no struct. */
#include "kind/kinds.h"

#include "kind/container/container-load.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/references.h"
#include "kind/volume.h"

static void none(_unused_ const void *object, _unused_ Diagnostics *diagnostics) {}

/* Of a KIND_KEYS, which there may be none of. */
_unused_ static void no_references(_unused_ const void *object, _unused_ const Sources *sources,
                                   _unused_ Diagnostics *diagnostics) {}

#define KIND_KEYS(type, Struct, prefix, ending, unit_name, quadlet, supported)                                         \
        static int load_##prefix(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics,            \
                                 void **ret) {                                                                         \
                Struct *object;                                                                                        \
                int r = prefix##_load(unit, context, diagnostics, &object);                                            \
                                                                                                                       \
                if (r >= 0)                                                                                            \
                        *ret = object;                                                                                 \
                return r;                                                                                              \
        }                                                                                                              \
        static void check_##prefix(const void *object, Diagnostics *diagnostics) {                                     \
                prefix##_check(object, diagnostics);                                                                   \
        }                                                                                                              \
        static void check_##prefix##_supported(const void *object, Diagnostics *diagnostics) {                         \
                supported(object, diagnostics);                                                                        \
        }                                                                                                              \
        static void free_##prefix(void *object) { prefix##_free(object); }
#define KIND KIND_KEYS
#include "source/kinds.def"

#define KIND(type, Struct, prefix, ...)                                                                                \
        static void check_##prefix##_references(const void *object, const Sources *sources,                            \
                                                Diagnostics *diagnostics) {                                            \
                prefix##_check_references(object, sources, diagnostics);                                               \
        }
#include "source/kinds.def"

#define ENTRY(type, prefix, supported, references)                                                                     \
        [FILE_##type] = { supported,  load_##prefix,                check_##prefix,                                    \
                          references, check_##prefix##_supported, free_##prefix },
#define KIND(type, Struct, prefix, ...) ENTRY(type, prefix, true, check_##prefix##_references)
#define KIND_KEYS(type, Struct, prefix, ...) ENTRY(type, prefix, false, no_references)
static const Kind kinds[_FILE_TYPE_COUNT] = {
#include "source/kinds.def"
};

const Kind *kind_get(FileType type) {
        return kinds[type].load ? &kinds[type] : NULL;
}
