/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecReload= of a container with ReloadCmd=: runs that in the container, as the file says it
 * now. */
#include <errno.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "helper/verbs.h"
#include "host/effects.h"
#include "host/runtime.h"
#include "kind/load.h"
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

static json_object *strings_to_json(const StringList *list) {
        json_object *array = json_object_new_array();

        for (size_t i = 0; array && i < list->count; i++)
                json_object_array_add(array, json_object_new_string(list->items[i]));
        return array;
}

/* Writes down the process that config.json describes, with another command: by themselves not all
 * runtimes give it the first one's user and directory. */
static int write_process(const Bundle *bundle, const StringList *command) {
        _cleanup_json_object_ json_object *spec = NULL;
        _cleanup_free_ char *out = NULL;
        json_object *process;
        int r;

        r = bundle_config_read(bundle, &spec);
        if (r < 0)
                return r;
        if (!json_object_object_get_ex(spec, "process", &process))
                return -EBADMSG;
        if (json_object_object_add(process, "args", strings_to_json(command)) < 0)
                return -ENOMEM;
        r = json_to_text(process, &out);
        return r < 0 ? r : write_file_atomic_at(bundle->fd, PROCESS_FILE, out, strlen(out), 0600);
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
        r = write_process(&bundle, &container->reload_command);
        if (r < 0)
                return log_error_errno(r, "Failed to write what ReloadCmd= runs in %s: %m", bundle.path);
        path = path_join(bundle.path, PROCESS_FILE);
        if (!path)
                return log_oom();
        r = runtime_exec_in(runtime, bundle.id, path);
        return log_error_errno(r, "Failed to run %s: %m", runtime);
}
