/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of container-notify@.service: passes a payload's notifications on. */
#include <errno.h>

#include "basic/log.h"
#include "basic/text.h"
#include "helper/verbs.h"
#include "host/fd-store.h"
#include "host/notifications/notify-pass.h"

int verb_pass_notifications(const char *instance) {
        _cleanup_free_ char *unit_name = text_format("container@%s.service", instance);
        _cleanup_passed_fds_ PassedFds passed = {};
        int r;

        if (!unit_name)
                return log_oom();
        r = fd_store_receive(&passed);
        if (r >= 0 && passed.socket_count != 1)
                r = -ENOTCONN;
        if (r < 0)
                return log_error_errno(r, "Failed to take the socket that systemd has passed: %m");
        r = notify_pass(PASSED_FDS_FIRST, unit_name);
        return r < 0 ? log_error_errno(r, "Failed to pass on what \"%s\" tells systemd: %m", instance) : 0;
}
