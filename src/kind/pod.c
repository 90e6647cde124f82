/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .pod file as a value. */
#include "kind/pod.h"

#include <errno.h>

#include "kind/default-network.h"

static const SectionType section = SECTION_TYPE(FILE_POD, Pod);

const char *pod_name(const Pod *pod) {
        return pod->pod_name ?: pod->stem;
}

int pod_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Pod **ret) {
        _cleanup_pod_ Pod *pod = NULL;
        void *object;
        int r;

        r = section_load(&section, unit, context, diagnostics, &object);
        if (r < 0)
                return r;
        pod = object;
        pod->of_user = context->scope == SCOPE_USER;
        r = default_network_add(&pod->section, KEY_Pod_Network, context->scope, &pod->networks);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(pod);
        return 0;
}

void pod_free(Pod *pod) {
        section_free(&section, pod);
}
