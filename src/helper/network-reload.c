/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of berth-network-reload.service: puts what containers need of the packet filter back. */
#include "basic/log.h"
#include "helper/verbs.h"
#include "network/restore.h"

int verb_network_reload(const char *instance _unused_) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = networks_restore_all(&diagnostics);

        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to put the rules for containers' networks back: %m") : 0;
}
