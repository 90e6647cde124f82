/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packet filter as it was. */
#include "network/restore.h"

#include <errno.h>
#include <net/if.h>

#include "basic/directory.h"
#include "network/bridge.h"
#include "network/port-map.h"
#include "source/places.h"

/* What is just being made or removed, and a network whose interface is gone, is left out. */
static int restore(const char *stem, Diagnostics *diagnostics) {
        _cleanup_network_state_ NetworkState state = {};
        int r = network_state_read(stem, &state);

        if (r < 0)
                return r == -ENOENT || r == -ENOTDIR || r == -EBADMSG ? 0 : r;
        return if_nametoindex(state.interface) > 0 ? network_restore(&state, diagnostics) : 0;
}

static int restore_networks(Diagnostics *diagnostics) {
        _cleanup_close_ int lock_fd = networks_lock();
        _cleanup_string_list_ StringList stems = {};
        int first = lock_fd < 0 ? lock_fd : directory_list(place_path(PLACE_NETWORKS), &stems);

        for (size_t i = 0; i < stems.count; i++) {
                int r = restore(stems.items[i], diagnostics);

                if (r < 0 && first >= 0)
                        first = r;
        }
        return first < 0 ? first : 0;
}

int networks_restore_all(Diagnostics *diagnostics) {
        int first = restore_networks(diagnostics), r = port_map_restore_all();

        return first < 0 ? first : r;
}
