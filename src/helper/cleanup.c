/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStopPost=: undoes what the start did, after a stop, a crash or a failed start. */
#include "basic/log.h"
#include "helper/verbs.h"
#include "host/notify.h"
#include "start/powers.h"
#include "start/undo.h"

/* TimeoutStopSec= is how long the container may take to stop, which can be a second, and to systemd
 * also how long this may take. */
#define CLEANUP_USEC (UINT64_C(90) * 1000 * 1000)

int verb_cleanup(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r;

        /* By hand there is nobody to ask. */
        (void) notify_extend_timeout(CLEANUP_USEC);
        r = privileges_limit(UNDO_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities: %m");
        r = bundle_open(instance, &bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of \"%s\": %m", instance);
        r = effects_undo_alone(&bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to undo the effects of %s, they stay recorded in %s: %m", bundle.stem,
                                       bundle.path);
        return 0;
}
