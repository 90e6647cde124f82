/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= and ExecStopPost= of container-pod@.service, and ExecStart= of
 * container-pod-network@.service. */
#include "basic/log.h"
#include "basic/privileges.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "start/pod/pod-program.h"
#include "start/pod/pod-up.h"
#include "start/powers.h"
#include "start/undo.h"

int verb_pod_up(const char *instance) {
        int r = privileges_limit(PREPARE_POWERS);

        return r < 0 ? log_error_errno(r, "Failed to give up capabilities: %m") : pod_up(instance);
}

/* The namespaces go with the unit's descriptor store; the rest is undone here. */
int verb_pod_down(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = refuse_by_hand(FILE_POD, instance);

        if (r < 0)
                return r;
        r = bundle_open_pod(instance, &bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of the pod \"%s\": %m", instance);
        r = privileges_limit(UNDO_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities: %m");
        r = effects_undo(&bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to undo the effects of the pod %s, they stay recorded in %s: %m",
                                       bundle.stem, bundle.path);
        return 0;
}

int verb_pod_network(const char *instance) {
        int r = privileges_limit(PREPARE_POWERS);

        return r < 0 ? log_error_errno(r, "Failed to give up capabilities: %m") : pod_program_run(instance);
}
