/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the text of a .container file to a Container. */
#include "kind/container/container-load.h"

#include "kind/container/container-id-maps.h"
#include "kind/container/container-mounts.h"

int container_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Container **ret) {
        void *container;
        int r = section_load(&container_section, unit, context, diagnostics, &container);

        if (r < 0)
                return r;
        r = container_take_mounts(container);
        if (r < 0) {
                container_free(container);
                return r;
        }
        container_drop_idle_idmaps(container, diagnostics);
        *ret = container;
        return 0;
}
