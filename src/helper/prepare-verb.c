/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStartPre=: the first half of a start. */
#include "basic/log.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "start/prepare.h"

int verb_prepare(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        int r;

        r = prepare(instance, &prepared);
        if (r < 0) {
                log_hindrances(instance);
                return r;
        }
        r = prepared_hand_on(&prepared);
        return r < 0 ? log_error_errno(r, "Failed to hand on what was prepared for %s: %m", instance) : 0;
}
