/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStartPre=: the first half of a start. */
#include "basic/log.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "start/checkpoint/checkpoint-wake.h"
#include "start/powers.h"
#include "start/prepare/prepare.h"

/* Where a start that cannot go on from a checkpoint is to begin anew, the second half does so.
 * Returns 1 when it is prepared, 0 when it is not and that is no failure, or a negative errno. */
static int prepare_or_give_up(const char *instance, Prepared *prepared) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        bool or_fresh = bundle_open(instance, &bundle) >= 0 && checkpoint_is_or_fresh(bundle.id);
        int r = prepare(instance, true, false, prepared);

        if (r >= 0)
                return 1;
        if (!or_fresh) {
                log_hindrances(instance);
                return r;
        }
        log_warning("\"%s\" cannot go on from its checkpoint, and begins anew", instance);
        bundle_done(&bundle);
        r = bundle_open(instance, &bundle);
        if (r >= 0)
                r = checkpoint_wake_give_up(&bundle);
        return r < 0 ? log_error_errno(r, "Failed to write to the bundle of %s: %m", instance) : 0;
}

int verb_prepare(const char *instance) {
        _cleanup_prepared_ Prepared prepared = PREPARED_INIT;
        int r;

        r = privileges_limit(PREPARE_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities: %m");
        r = prepare_or_give_up(instance, &prepared);
        if (r <= 0)
                return r;
        /* That takes a descriptor and a file in the bundle, and hooks have been run. */
        r = privileges_keep(NO_POWERS);
        if (r >= 0)
                r = prepared_hand_on(&prepared);
        return r < 0 ? log_error_errno(r, "Failed to hand on what was prepared for %s: %m", instance) : 0;
}
