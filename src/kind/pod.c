/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .pod file as a value. */
#include "kind/pod.h"

#include <errno.h>

static const SectionType section = SECTION_TYPE(FILE_POD, Pod);

const char *pod_name(const Pod *pod) {
        return pod->pod_name ?: pod->stem;
}

/* As for containers. */
static int add_default_network(Pod *pod, const SpecifierContext *context) {
        NetworkAttachmentList *networks = &pod->networks;
        int r;

        if (networks->count > 0 || section_is_given(&pod->section, KEY_Pod_Network))
                return 0;
        r = ARRAY_RESERVE(networks->items, networks->allocated, networks->count + 1);
        if (r >= 0)
                networks->items[networks->count++] = (NetworkAttachment) {
                        .kind = context->scope == SCOPE_USER ? NETWORK_PASTA : NETWORK_BRIDGE,
                };
        return r;
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
        r = add_default_network(pod, context);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(pod);
        return 0;
}

void pod_free(Pod *pod) {
        section_free(&section, pod);
}
