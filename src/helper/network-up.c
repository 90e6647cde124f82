/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of container-network@.service: makes the network of a file. */
#include <errno.h>

#include "basic/log.h"
#include "helper/verbs.h"
#include "kind/network-advice.h"
#include "kind/network-needs.h"
#include "network/bridge.h"
#include "network/leases.h"
#include "network/names.h"
#include "network/network-end.h"
#include "network/network-file.h"
#include "network/port-map.h"
#include "network/user-networks.h"
#include "source/unit-name.h"

static bool has_same_subnets(const NetworkState *a, const NetworkState *b) {
        bool same = a->subnet_count == b->subnet_count;

        for (size_t i = 0; same && i < a->subnet_count; i++)
                same = memcmp(&a->subnets[i].subnet, &b->subnets[i].subnet, sizeof(IpPrefix)) == 0;
        return same;
}

/* What the packet filter knows of a network. */
static bool is_filtered_alike(const NetworkState *a, const NetworkState *b) {
        return has_same_subnets(a, b) && streq(a->driver, b->driver) && a->unmanaged == b->unmanaged &&
               a->internal == b->internal && a->isolated == b->isolated && streq_null(a->outbound4, b->outbound4) &&
               streq_null(a->outbound6, b->outbound6);
}

/* What it is changes under those who are on it, who were told what it was. */
static void warn_those_on_it(const NetworkState *state, const NetworkState *before) {
        _cleanup_string_list_ StringList leases = {};
        bool same = has_same_subnets(before, state) && streq_null(before->interface, state->interface);

        if (!same && leases_list(state->stem, &leases) >= 0 && leases.count > 0)
                log_warning("The network %s is not what it was for the containers on it; restart them", state->stem);
}

/* Written down before it is made, so that a stop finds what is there. What was made by another file
 * of the same name goes first. */
static int make(const NetworkState *state, Diagnostics *diagnostics) {
        _cleanup_close_ int lock_fd = networks_lock();
        _cleanup_network_state_ NetworkState before = {};
        int r;

        if (lock_fd < 0)
                return lock_fd;
        r = network_end_forget(state->stem);
        if (r < 0)
                return r;
        r = network_state_read(state->stem, &before);
        if (r >= 0) {
                warn_those_on_it(state, &before);
                if (!streq(before.interface, state->interface))
                        r = network_down(&before);
                else if (!is_filtered_alike(&before, state))
                        r = network_forget(&before);
        } else if (r == -ENOENT || r == -EBADMSG)
                r = 0;
        if (r >= 0)
                r = network_state_write(state);
        if (r >= 0)
                r = network_up(state, diagnostics);
        if (r < 0 || state->unmanaged)
                return r;
        r = state->names ? names_add_network(state) : names_remove_network(state);
        if (r == -ENOENT)
                log_warning("Containers on the network %s find by name only those that run when they start: more needs "
                            "aardvark-dns, which is not installed", state->stem);
        else if (r < 0)
                log_warning_errno(r, "Failed to have names on the network %s: %m", state->stem);
        r = port_map_restore_all();
        if (r < 0)
                log_warning_errno(r, "Failed to have the ports of all containers lead to them again: %m");
        return 0;
}

int verb_network_up(const char *instance) {
        _cleanup_network_state_ NetworkState state = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_network_ Network *network = NULL;
        _cleanup_free_ char *stem = NULL;
        int r;

        r = stem_from_instance(instance, &stem);
        if (r < 0)
                return log_error_errno(r, "Failed to understand the name \"%s\": %m", instance);
        r = network_file_read(stem, &diagnostics, &network);
        if (r == -ENOENT)
                r = diagnose_error(&diagnostics, NULL, "there is no %s.network", stem);
        if (r >= 0)
                r = network_require(network_wants_filter(network), &diagnostics);
        if (r >= 0)
                r = user_networks_enter();
        if (r >= 0)
                r = network_file_state(network, &diagnostics, &state);
        if (r >= 0)
                r = make(&state, &diagnostics);
        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to make the network %s: %m", stem) : 0;
}
