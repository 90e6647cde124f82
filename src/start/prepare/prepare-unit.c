/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a start settles with systemd, about its unit, before it mounts anything. */
#include "start/prepare/prepare-parts.h"

#include <errno.h>

#include "basic/log.h"
#include "host/cgroup.h"
#include "host/mounts.h"
#include "host/unit/unit-connection.h"
#include "host/unit/unit.h"
#include "host/user/user-root.h"
#include "kind/container/container-controllers.h"
#include "kind/container/container-socket.h"
#include "kind/pod.h"
#include "network/user-networks.h"
#include "oci/control-group.h"
#include "source/places.h"
#include "start/peer.h"
#include "start/pod/pod-namespaces.h"
#include "start/undo.h"
#include "start/user/become-root.h"
#include "start/user/bridge-agent.h"
#include "start/user/user-files.h"
#include "unit/kept-drop-in.h"
#include "unit/stop-note.h"

int prepare_ask_about_unit(const char *stem) {
        _cleanup_free_ char *unit_name = NULL;
        int r = unit_name_for(FILE_CONTAINER, stem, &unit_name);

        return r < 0 ? r : unit_properties_ask(unit_name);
}

/* The container goes below the unit's own control group, which must therefore be ours. */
static int get_unit(const char *unit_name, int asked_fd, UnitProperties *unit) {
        _cleanup_close_ int fd = asked_fd;
        int r;

        if (!cgroup_is_unified()) {
                log_error("/sys/fs/cgroup is not cgroup v2; boot with systemd.unified_cgroup_hierarchy=1");
                return -EOPNOTSUPP;
        }
        r = unit_properties_take(TAKE_FD(fd), unit_name, unit);
        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", unit_name);
        /* By hand, next to a running container, all that follows would harm it. */
        if (!*unit->control_group || !cgroup_is_ours(unit->control_group)) {
                log_error("This is a part of %s, and for systemd to run; use: systemctl %sstart %s", unit_name,
                          places_manager_option(), unit_name);
                return -EPERM;
        }
        if (!unit->delegate) {
                log_error("The control group %s is not delegated: %s needs Delegate=yes in [Service]",
                          unit->control_group, unit_name);
                return -EPERM;
        }
        return 0;
}

/* An earlier life may have ended in any way; what it left is undone before anything new is done. */
static int make_bundle(Bundle *bundle) {
        int r;

        r = bundle->fd >= 0 ? bundle_lock(bundle) : 0;
        if (r >= 0)
                r = effects_undo(bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to undo what an earlier start of %s left in %s: %m", bundle->stem,
                                       bundle->path);
        r = bundle_create(bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to create %s: %m", bundle->path);
        return 0;
}

/* A user's manager has the controllers that root gives it, and systemd passes over limits without a
 * word where there is none. */
static int check_limits(const Container *container, const char *control_group, Diagnostics *diagnostics) {
        _cleanup_controllers_ Controllers controllers = {};
        int r;

        r = cgroup_list_controllers("", &controllers.of_machine);
        if (r >= 0)
                r = cgroup_list_controllers(control_group, &controllers.delegated);
        if (r < 0)
                return log_error_errno(r, "Failed to see which controllers %s has: %m", control_group);
        container_check_controllers(container, &controllers, diagnostics);
        return 0;
}

static bool has_bridge(const Container *container) {
        for (size_t i = 0; i < container->networks.count; i++)
                if (network_is_ours(&container->networks.items[i]))
                        return true;
        return false;
}

static int become_root_of_pod(const Container *container, const Bundle *bundle, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Pod);
        const char *stem = container->joined_pod->stem;
        int r = pod_namespaces_expect(stem);

        if (r == -ENOENT)
                return diagnose_error(diagnostics, &where,
                                      "the pod \"%s\" is not up; its unit is container-pod@%s.service", stem, stem);
        return r < 0 ? log_error_errno(r, "Failed to enter the pod of %s: %m", bundle->stem) : 0;
}

/* Where bridges are, the user namespace is one below theirs, and somebody stays up there. */
static int become_root(const Container *container, const Bundle *bundle, Diagnostics *diagnostics) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (container->of_user && container->joined_pod)
                return become_root_of_pod(container, bundle, diagnostics);
        r = peer_enter_user_root(container, diagnostics);
        if (r != 0)
                return r < 0 ? log_failure(r, "enter the user namespace that joins", bundle->stem) : 0;
        if (!container->of_user || !has_bridge(container))
                return become_user_root(bundle->stem);
        fd = user_networks_open();
        if (fd == -ENOENT) {
                diagnose_error(diagnostics, &container->networks.items[0].where,
                               "the networks of this user are not up; their unit is container-networks.service");
                return -EREPORTED;
        }
        r = fd < 0 ? fd : bridge_agent_start();
        if (r < 0)
                return log_error_errno(r, "Failed to reach the networks for %s: %m", bundle->stem);
        return become_user_root_below(fd, bundle->stem);
}

/* All mounts of a user's start are in a mount namespace of its user namespace, which has no power
 * over the machine's. */
int prepare_begin(const Container *container, int asked_fd, UnitProperties *unit, Bundle *bundle,
                  Diagnostics *diagnostics) {
        int r = get_unit(container->unit_name, asked_fd, unit);

        if (r >= 0 && container->of_user) {
                r = user_files_check(container, diagnostics);
                if (r < 0)
                        return log_failure(r, "look at the files of", container->stem);
                r = check_limits(container, unit->control_group, diagnostics);
        }
        if (r >= 0)
                r = become_root(container, bundle, diagnostics);
        if (r >= 0)
                r = make_bundle(bundle);
        if (r < 0 || !user_root_is_entered())
                return r;
        r = mounts_unshare(bundle->path);
        return r < 0 ? log_error_errno(r, "Failed to make a mount namespace for %s: %m", bundle->stem) : 0;
}

/* A start in one line is passed what systemd had at its beginning, and this comes later. */
int prepare_take_connection(const Container *container, bool alone) {
        int r;

        if (!socket_accepts(&container->section))
                return 0;
        if (!alone) {
                log_error("%s needs its ExecStartPre= to be passed the connection that it is started for",
                          container->unit_name);
                return -EOPNOTSUPP;
        }
        r = unit_connection_take(container->stem);
        return r < 0 ? log_error_errno(r, "Failed to take the connection that %s is started for: %m", container->stem)
                     : 0;
}

int prepare_choose_group(const Container *container, UnitProperties *unit, Prepared *prepared) {
        int r;

        prepared->unit_name = strdup(container->unit_name);
        if (!prepared->unit_name)
                return -ENOMEM;
        prepared->unit_group = TAKE_PTR(unit->control_group);
        if (container->cgroups_mode != CGROUPS_ENABLED) {
                prepared->control_group = strdup(prepared->unit_group);
                return prepared->control_group ? 0 : -ENOMEM;
        }
        prepared->slice = TAKE_PTR(unit->slice);
        r = container_scope_name(container->stem, &prepared->scope);
        return r < 0 ? r : container_scope_group(prepared->unit_group, prepared->scope, &prepared->control_group);
}

int prepare_settle_stop_signal(const Container *container, const UnitProperties *unit, const Bundle *bundle) {
        StopSignal signal = {
                .number = container_stop_signal(container),
                .limit_usec = container_stop_limit(container),
        };
        int r = 0;

        if (stop_note_applies(container)) {
                signal.unknown_to_systemd = signal.number != unit->kill_signal;
                r = stop_note_write(container, signal.number);
        }
        if (signal.unknown_to_systemd && !unit->stop_command)
                log_warning("The image of %s wants to be stopped by signal %d now; systemd will send %d until it is "
                            "told by: systemctl daemon-reload",
                            container->stem, signal.number, unit->kill_signal);
        if (r >= 0)
                r = bundle_write_stop_signal(bundle, signal);
        if (r >= 0)
                r = kept_drop_in_write(bundle->fd, container->unit_name);
        return r < 0 ? log_failure(r, "write down how to stop", container->stem) : 0;
}
