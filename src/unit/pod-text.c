/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Pod to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>

#include "kind/pod-container.h"
#include "unit/pod-units.h"
#include "unit/unit-needs.h"

/* Behind the user's own Slice=, which names the slice that this one is below. */
static int add_slice(UnitDropIn *drop_in, const Pod *pod) {
        _cleanup_free_ char *slice = unit_pod_slice(pod);

        if (!slice)
                return -ENOMEM;
        text_appendf(&drop_in->service_end, "Slice=%s\n", slice);
        return 0;
}

int unit_text_pod(const Pod *pod, const SpecifierContext *context, _unused_ const StringList *search_path,
                  StringList *instances, Diagnostics *diagnostics, UnitOutputs *outputs) {
        _cleanup_unit_drop_in_ UnitDropIn drop_in = {
                .section = &pod->section,
                .context = context,
                .instances = instances,
                .diagnostics = diagnostics,
                .outputs = outputs,
        };
        Container container;
        int r;

        r = unit_drop_in_begin(&drop_in);
        if (r <= 0)
                return r;
        pod_as_container(pod, &container);
        r = unit_needs_add(&container, &drop_in);
        if (r >= 0)
                r = add_slice(&drop_in, pod);
        return r < 0 ? r : unit_drop_in_finish(&drop_in);
}
