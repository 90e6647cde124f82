/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .pod file as a value. */
#include "kind/pod.h"

#include "config/key-parse.h"

static const SectionType section = SECTION_TYPE(FILE_POD, Pod);

void pod_check(const Pod *pod, Diagnostics *diagnostics) {
        static const KeyId mappings[] = { KEY_Pod_UIDMap, KEY_Pod_GIDMap, KEY_Pod_SubUIDMap, KEY_Pod_SubGIDMap };

        for (size_t i = 0; i < ARRAY_SIZE(mappings); i++)
                keys_exclude(&pod->set, KEY_Pod_UserNS, mappings[i], diagnostics);
}

int pod_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Pod **ret) {
        void *pod;
        int r = section_load(&section, unit, context, diagnostics, &pod);

        if (r >= 0)
                *ret = pod;
        return r;
}

void pod_free(Pod *pod) {
        section_free(&section, pod);
}
