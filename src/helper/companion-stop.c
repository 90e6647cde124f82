/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStop= of a companion, such as web.service of container@web.service. systemd stops it before
 * its unit, whose own stop waits in the queue; whoever stops the companion is to wait for that one,
 * too. So it is let go now, out of its order. A unit that is restarted, or goes on, is left
 * alone. */
#include <errno.h>
#include <unistd.h>

#include "basic/log.h"
#include "helper/verbs.h"
#include "host/unit.h"
#include "source/places.h"

int verb_companion_stop(const char *unit_name) {
        _cleanup_free_ char *job = NULL;
        int r = unit_get_job(unit_name, &job);

        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", unit_name);
        if (r == 0 || !streq(job, "stop"))
                return 0;
        execlp("systemctl", "systemctl", places_scope() == SCOPE_USER ? "--user" : "--system", "stop",
               "--job-mode=ignore-dependencies", "--", unit_name, NULL);
        return log_error_errno(-errno, "Failed to run systemctl: %m");
}
