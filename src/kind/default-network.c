/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container or pod is on that names no network. */
#include "kind/default-network.h"

int default_network_add(const Section *section, KeyId key, Scope scope, NetworkAttachmentList *networks) {
        int r;

        if (networks->count > 0 || section_is_given(section, key))
                return 0;
        r = ARRAY_RESERVE(networks->items, networks->allocated, networks->count + 1);
        if (r >= 0)
                networks->items[networks->count++] = (NetworkAttachment) {
                        .kind = scope == SCOPE_USER ? NETWORK_PASTA : NETWORK_BRIDGE,
                };
        return r;
}
