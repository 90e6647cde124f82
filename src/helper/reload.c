/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecReload= of a container with ReloadCmd=: runs that in the container, as the file says it
 * now. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "helper/verbs.h"
#include "host/effects.h"
#include "host/runtime.h"
#include "host/user/user-root.h"
#include "kind/load.h"
#include "source/places.h"
#include "start/bundle-config.h"

#define PROCESS_FILE "process.json"

static int find_command(const Bundle *bundle, Container **ret) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = NULL;
        const StringList environment = variables_of_process();
        int r;

        r = container_find(bundle->stem, &environment, &diagnostics, &container);
        if (r >= 0 && container->reload_command.count == 0)
                r = diagnose_error(&diagnostics, &(Location) { .file = container->path },
                                   "there is no ReloadCmd= any more; a daemon-reload is due");
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_failure_errno(r, "Failed to read the file of %s: %m", bundle->stem);
        *ret = TAKE_PTR(container);
        return 0;
}

/* A user's container is the runtime's in its user namespace alone. */
static int enter_namespace(void) {
        const char *text = getenv("MAINPID");
        uint64_t pid;

        if (places_scope() == SCOPE_SYSTEM)
                return 0;
        if (!text || text_to_unsigned(text, INT_MAX, &pid) < 0 || pid <= 1)
                return -ESRCH;
        return user_root_join_process((pid_t) pid);
}

int verb_reload(const char *instance) {
        _cleanup_container_ Container *container = NULL;
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *runtime = NULL, *path = NULL;
        int r;

        r = bundle_open(instance, &bundle);
        if (r >= 0)
                r = effects_get_runtime(&bundle, &runtime);
        if (r < 0)
                return log_error_errno(r, "Failed to find the runtime that created \"%s\": %m", instance);
        r = find_command(&bundle, &container);
        if (r < 0)
                return r;
        r = bundle_config_write_process(&bundle, &container->reload_command, PROCESS_FILE, NULL);
        if (r < 0)
                return log_error_errno(r, "Failed to write what ReloadCmd= runs in %s: %m", bundle.path);
        path = path_join(bundle.path, PROCESS_FILE);
        if (!path)
                return log_oom();
        r = enter_namespace();
        if (r < 0)
                return log_error_errno(r, "Failed to enter the user namespace of %s: %m", bundle.stem);
        r = runtime_exec_in(runtime, bundle.id, path);
        return log_error_errno(r, "Failed to run %s: %m", runtime);
}
