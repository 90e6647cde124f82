/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStartPost=, where ExecStart= only creates: lets the container's first process go on. */
#include <errno.h>

#include "basic/log.h"
#include "helper/verbs.h"
#include "host/effects.h"
#include "host/runtime.h"
#include "start/checkpoint/checkpoint-wake.h"

int verb_start(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *runtime = NULL;
        int r;

        r = bundle_open(instance, &bundle);
        /* That one goes on already. */
        if (r >= 0 && checkpoint_has_woken(&bundle))
                return 0;
        if (r >= 0)
                r = effects_get_runtime(&bundle, &runtime);
        if (r < 0)
                return log_error_errno(r, "Failed to find the runtime that created \"%s\": %m", instance);
        r = runtime_exec_start(runtime, bundle.id);
        return log_error_errno(r, "Failed to run %s: %m", runtime);
}
