/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program that is a pod's network, as a service. */
#include "start/pod/pod-program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/effects.h"
#include "host/mounts.h"
#include "host/notify.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "start/pod/pod-namespaces.h"
#include "start/user-mode/user-mode-start.h"

#define UNIT_PREFIX "container-pod-network@"

static int run_systemctl(const char *verb, const char *unit_name) {
        const char *manager = places_scope() == SCOPE_USER ? "--user" : "--system";

        return process_run((const char *const[]) { "systemctl", manager, verb, "--", unit_name, NULL }, NULL, 0);
}

int pod_program_start(const Bundle *bundle, const char *instance) {
        _cleanup_free_ char *unit_name = text_format(UNIT_PREFIX "%s.service", instance);
        int r = unit_name ? effects_append(bundle, EFFECT_PROGRAM, unit_name, NULL) : -ENOMEM;

        if (r < 0)
                return log_error_errno(r, "Failed to write the effects of %s: %m", bundle->stem);
        r = run_systemctl("start", unit_name);
        if (r < 0)
                return log_error_errno(r, "Failed to run systemctl: %m");
        if (r > 0) {
                log_error("Failed to start the network of the pod %s; its unit is %s", bundle->stem, unit_name);
                return -ECANCELED;
        }
        return 0;
}

int pod_program_stop(const char *unit_name) {
        int r;

        /* The journal is ours alone, but a damaged line shall not stop another unit. */
        if (!startswith(unit_name, UNIT_PREFIX))
                return -EBADMSG;
        r = run_systemctl("stop", unit_name);
        return r > 0 ? -ECANCELED : r;
}

static int run(const Bundle *bundle, UserModeProcess *process) {
        _cleanup_pod_namespaces_ PodNamespaces namespaces = POD_NAMESPACES_INIT;
        int r;

        r = pod_namespaces_expect(bundle->stem);
        if (r >= 0 && user_root_is_entered())
                r = mounts_unshare(bundle->path);
        if (r >= 0)
                r = pod_namespaces_open(bundle->stem, &namespaces);
        if (r == -ENOENT)
                return log_error_errno(r, "The pod %s is not up", bundle->stem);
        if (r < 0)
                return log_error_errno(r, "Failed to find the namespaces of the pod %s: %m", bundle->stem);
        r = user_mode_run(bundle,
                          &(UserModeNamespaces) { namespaces.fds[OCI_NAMESPACE_NETWORK],
                                                  namespaces.fds[OCI_NAMESPACE_USER] },
                          process);
        if (r == -ENOENT)
                return log_error_errno(r, "The network of the pod %s is not by a program", bundle->stem);
        return r < 0 ? log_failure_errno(r, "Failed to run the network of the pod %s: %m", bundle->stem) : 0;
}

/* In a process that ends then, so that the program becomes systemd's child: of others systemd says
 * that it would not notice their end. */
static int run_as_orphan(const Bundle *bundle, pid_t *ret) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        int r = pipe_open(&read_fd, &write_fd);
        pid_t pid;

        if (r < 0)
                return log_error_errno(r, "Failed to make a pipe: %m");
        pid = fork();
        if (pid == 0) {
                UserModeProcess process = USER_MODE_PROCESS_INIT;
                bool done = run(bundle, &process) >= 0 &&
                            write(write_fd, &process.pid, sizeof(process.pid)) == sizeof(process.pid);

                _exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        r = pid < 0 ? -errno : process_wait(pid);
        if (r < 0)
                return log_error_errno(r, "Failed to run a process: %m");
        /* Which has said why. */
        return r > 0 || read(read_fd, ret, sizeof(*ret)) != sizeof(*ret) ? -ECANCELED : 0;
}

int pod_program_run(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        pid_t pid;
        int r;

        r = bundle_open_pod(instance, &bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of the pod \"%s\": %m", instance);
        r = run_as_orphan(&bundle, &pid);
        if (r < 0)
                return r;
        r = notify_main_process(pid, true, 0);
        return r < 0 ? log_error_errno(r, "Failed to tell systemd the main process of the pod's network: %m") : 0;
}
