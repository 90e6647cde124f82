/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStopPost= of container-network@.service: removes the network, unless containers are on it. */
#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/log.h"
#include "helper/verbs.h"
#include "network/bridge.h"
#include "network/leases.h"
#include "network/names.h"
#include "network/network-file.h"
#include "network/subnets.h"
#include "source/unit-name.h"

/* Whether the file has NetworkDeleteOnStop=; without a sound file there is nothing to keep a subnet
 * for, but it may be mended. */
static bool deletes(const char *stem) {
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_network_ Network *network = NULL;

        return network_file_read(stem, &unseen, &network) >= 0 && network->delete_on_stop;
}

static int take_down(const char *stem, const NetworkState *state) {
        _cleanup_free_ char *directory = network_directory(stem);
        int r;

        if (!directory)
                return -ENOMEM;
        r = names_remove_network(state);
        if (r >= 0)
                r = network_down(state);
        if (r >= 0)
                r = remove_tree_at(AT_FDCWD, directory);
        return r >= 0 && deletes(stem) ? subnets_forget(stem) : r;
}

int verb_network_down(const char *instance) {
        _cleanup_close_ int lock_fd = networks_lock();
        _cleanup_network_state_ NetworkState state = {};
        _cleanup_string_list_ StringList leases = {};
        _cleanup_free_ char *stem = NULL;
        int r;

        r = stem_from_instance(instance, &stem);
        if (r < 0)
                return log_error_errno(r, "Failed to understand the name \"%s\": %m", instance);
        r = lock_fd < 0 ? lock_fd : network_state_read(stem, &state);
        if (r == -ENOENT)
                return 0;
        if (r >= 0)
                r = leases_list(stem, &leases);
        if (r >= 0 && leases.count > 0) {
                log_info("The network %s stays as it is: containers are on it", stem);
                return 0;
        }
        if (r >= 0)
                r = take_down(stem, &state);
        return r < 0 ? log_error_errno(r, "Failed to remove the network %s: %m", stem) : 0;
}
