/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStopPost= of container-network@.service: removes the network, unless containers are on it. */
#include <errno.h>

#include "basic/log.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "network/network-end.h"
#include "network/user-networks.h"

int verb_network_down(const char *instance) {
        _cleanup_free_ char *stem = NULL;
        int r = refuse_by_hand(FILE_NETWORK, instance);

        if (r < 0)
                return r;
        r = stem_from_instance(instance, &stem);
        if (r < 0)
                return log_error_errno(r, "Failed to understand the name \"%s\": %m", instance);
        r = user_networks_enter();
        if (r >= 0 || r == -ENOENT) /* a user's are gone with all that they were made in */
                r = network_end(stem);
        if (r > 0)
                log_info("The network %s stays as it is until the last container on it has ended", stem);
        return r < 0 ? log_error_errno(r, "Failed to remove the network %s: %m", stem) : 0;
}
