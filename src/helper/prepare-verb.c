/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStartPre=: the first half of a start. */
#include "basic/log.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "start/powers.h"
#include "start/prepare/prepare.h"

int verb_prepare(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        int r;

        r = privileges_limit(PREPARE_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities: %m");
        r = prepare(instance, true, &prepared);
        if (r < 0) {
                log_hindrances(instance);
                return r;
        }
        /* That takes a descriptor and a file in the bundle, and hooks have been run. */
        r = privileges_keep(NO_POWERS);
        if (r >= 0)
                r = prepared_hand_on(&prepared);
        return r < 0 ? log_error_errno(r, "Failed to hand on what was prepared for %s: %m", instance) : 0;
}
