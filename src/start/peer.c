/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another container, whose namespaces one joins. */
#include "start/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/unit/unit.h"
#include "host/user/user-root.h"
#include "network/user-networks.h"
#include "oci/control-group.h"
#include "oci/oci-namespaces.h"
#include "source/unit-name.h"

static Peer expected = PEER_INIT; /* whose user namespace this process has entered */

static int open_process(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d", (int) pid);
        int fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -ENOMEM;

        return path && fd < 0 ? -errno : fd;
}

static int read_process_file(int process_fd, const char *name, char **ret) {
        _cleanup_free_ char *path = text_format("/proc/self/fd/%d/%s", process_fd, name);
        return path ? read_virtual_file(path, ret) : -ENOMEM;
}

/* Whether a process in the control group `path` is one of ours or of systemd's, and not the
 * container's. `group` is that of the unit or of its scope. */
static bool is_supervisor(const char *path, const char *group) {
        static const char *const others[] = { "", "/supervisor", "/.control" };
        const char *below = startswith(path, group);

        for (size_t i = 0; below && i < ARRAY_SIZE(others); i++)
                if (streq(below, others[i]))
                        return true;
        return false;
}

/* While its unit starts, the main process may be ours still, in the machine's own namespaces: in
 * the unit's control group itself, or in the one that berth-helper moves to; systemd's own commands
 * are in ".control". The container's processes never are. Returns 1, 0, or -errno. */
static int is_payload(int process_fd, const char *stem, const char *control_group) {
        _cleanup_free_ char *groups = NULL, *scope = NULL, *scope_group = NULL;
        int r;

        r = read_process_file(process_fd, "cgroup", &groups);
        if (r >= 0)
                r = container_scope_name(stem, &scope);
        if (r >= 0)
                r = container_scope_group(control_group, scope, &scope_group);
        if (r < 0 && r != -EINVAL) /* that has no scope */
                return r;
        for (char *rest = groups, *line; (line = strsep(&rest, "\n"));) {
                const char *path = startswith(line, "0::");

                if (path && (is_supervisor(path, control_group) || (scope_group && is_supervisor(path, scope_group))))
                        return 0;
        }
        return 1;
}

/* The unit's main process by what it is now: after the pidfd is there its ID is asked for again,
 * and cannot have become another's in between; after its directory in /proc is open it must still
 * exist, so the directory is its own. Returns an fd of that, -ESRCH when there is no such process,
 * or -errno. */
static int pin_main_process(const char *stem, const char *unit_name, pid_t *ret_pid) {
        _cleanup_free_ char *control_group = NULL;
        _cleanup_close_ int pidfd = -EBADF, process_fd = -EBADF;
        pid_t pid, again;
        int r;

        r = unit_get_main_process(unit_name, &pid, NULL);
        if (r < 0)
                return r;
        if (pid <= 0)
                return -ESRCH;
        pidfd = pidfd_open(pid, 0);
        if (pidfd < 0)
                return -errno;
        r = unit_get_main_process(unit_name, &again, &control_group);
        if (r < 0)
                return r;
        process_fd = again == pid ? open_process(pid) : -ESRCH;
        if (process_fd < 0)
                return process_fd == -ENOENT ? -ESRCH : process_fd;
        r = is_payload(process_fd, stem, control_group);
        if (r <= 0)
                return r < 0 ? r : -ESRCH;
        if (pidfd_send_signal(pidfd, 0, NULL, 0) < 0 && errno != EPERM)
                return -errno;
        *ret_pid = pid;
        return TAKE_FD(process_fd);
}

static int take_expected(Peer *ret) {
        int fd = fcntl(expected.fd, F_DUPFD_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        *ret = (Peer) { .stem = expected.stem, .pid = expected.pid, .fd = fd };
        return 0;
}

int peer_open(const Namespace *namespace, Diagnostics *diagnostics, Peer *ret) {
        _cleanup_free_ char *unit_name = NULL;
        pid_t pid;
        int r;

        if (expected.stem && streq(expected.stem, namespace->value))
                return take_expected(ret);
        r = unit_name_for(FILE_CONTAINER, namespace->value, &unit_name);
        if (r == -EINVAL)
                return diagnose_error(diagnostics, &namespace->where, "\"%s\" cannot be the name of a container",
                                      namespace->value);
        if (r < 0)
                return r;
        r = pin_main_process(namespace->value, unit_name, &pid);
        if (r == -ESRCH || r == -ENOENT)
                return diagnose_error(diagnostics, &namespace->where,
                                      "the container \"%s\" does not run; its unit is %s", namespace->value, unit_name);
        if (r < 0)
                return r;
        *ret = (Peer) { .stem = namespace->value, .pid = pid, .fd = r };
        return 0;
}

/* That of its networks is not entered: who is in there has power over all of a user's. */
static int enter(const Peer *peer) {
        _cleanup_close_ int networks_fd = user_networks_open();

        if (networks_fd < 0 && networks_fd != -ENOENT)
                return networks_fd;
        return user_root_share(peer->fd, networks_fd);
}

int peer_enter_user_root(const Container *container, Diagnostics *diagnostics) {
        for (OciNamespace type = 0; container->of_user && type < _OCI_NAMESPACE_COUNT; type++) {
                Namespace namespace = get_namespace(container, &(Facts) {}, type);
                int r;

                if (namespace.kind != NAMESPACE_CONTAINER)
                        continue;
                r = peer_open(&namespace, diagnostics, &expected);
                if (r == 0)
                        r = enter(&expected);
                return r < 0 ? r : 1;
        }
        return 0;
}

void peer_done(Peer *peer) {
        peer->fd = fd_close(peer->fd);
}
