/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Undoing what a start has done, by its journal. */
#include "start/undo.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/path.h"
#include "host/effects.h"
#include "host/id-ranges.h"
#include "host/label-levels.h"
#include "host/runtime.h"
#include "host/scope.h"
#include "network/leases.h"
#include "network/names.h"
#include "network/network-end.h"
#include "network/port-map.h"
#include "network/published-ports.h"
#include "source/places.h"
#include "start/checkpoint/checkpoint-pre.h"
#include "start/checkpoint/checkpoint-wake.h"
#include "start/pod/pod-program.h"
#include "start/powers.h"

static int undo_runtime(const char *program, const char *id) {
        return id ? runtime_delete(program, id) : -EBADMSG;
}

static int undo_scope(const char *name, const char *unused _unused_) {
        return scope_kill(name);
}

static int undo_program(const char *name, const char *unused _unused_) {
        return pod_program_stop(name);
}

static int undo_tree(const char *path, const char *unused _unused_) {
        /* The journal is ours alone (the bundle is 0700), but a damaged line shall not remove the
         * wrong tree. */
        if (!path_is_below(path, place_path(PLACE_CONTAINERS)) || streq(path, place_path(PLACE_CONTAINERS)) ||
            strstr(path, "/.."))
                return -EBADMSG;
        return remove_tree_at(AT_FDCWD, path);
}

static int undo_checkpoint(const char *id, const char *unused _unused_) {
        int r = checkpoint_wake_undo(id), pre = checkpoint_pre_forget(id);

        return r < 0 ? r : pre;
}

static int undo_ids(const char *range, const char *id) {
        return id ? id_ranges_give_back(range, id) : -EBADMSG;
}

static int undo_level(const char *level, const char *id) {
        return id ? label_level_release(level, id) : -EBADMSG;
}

static int undo_lease(const char *lease, const char *id) {
        return id ? lease_release(lease, id) : -EBADMSG;
}

static int undo_names(const char *network, const char *id) {
        return id ? names_remove_container(network, id) : -EBADMSG;
}

static int undo_ports(const char *ports, const char *sockets) {
        return sockets ? published_ports_undo(ports, sockets) : -EBADMSG;
}

static int (*const undo[_EFFECT_KIND_COUNT])(const char *first, const char *second) = {
        [EFFECT_RUNTIME] = undo_runtime,
        [EFFECT_SCOPE] = undo_scope,
        [EFFECT_PROGRAM] = undo_program,
        [EFFECT_TREE] = undo_tree,
        [EFFECT_CHECKPOINT] = undo_checkpoint,
        [EFFECT_IDS] = undo_ids,
        [EFFECT_LEVEL] = undo_level,
        [EFFECT_LEASE] = undo_lease,
        [EFFECT_NAMES] = undo_names,
        [EFFECT_PORTS] = undo_ports,
};

typedef struct Undoing {
        bool alone;
        bool networks; /* there was a lease */
        int first_error;
} Undoing;

/* One that fails does not stop the others. */
static int undo_effect(EffectKind kind, const char *first, const char *second, void *userdata) {
        Undoing *undoing = userdata;
        int r = kind < _EFFECT_KIND_COUNT ? undo[kind](first, second) : -EBADMSG;

        if (r < 0 && undoing->first_error == 0)
                undoing->first_error = r;
        undoing->networks |= kind == EFFECT_LEASE;
        /* The runtime comes first, and is the only program that is run. */
        return kind == EFFECT_RUNTIME && undoing->alone ? privileges_keep(UNDO_POWERS) : 0;
}

static int undo_all(Bundle *bundle, bool alone) {
        Undoing undoing = { .alone = alone };
        int r;

        if (bundle->fd < 0)
                return 0;
        r = port_map_forget(bundle);
        if (r < 0)
                return r;
        r = effects_read_backwards(bundle, undo_effect, &undoing);
        if (r < 0 && r != -ENOENT)
                return r;
        if (undoing.first_error < 0)
                return undoing.first_error;
        /* Whoever was the last on a network whose unit has stopped takes it along. */
        r = undoing.networks ? networks_end_left() : 0;
        return r < 0 ? r : bundle_remove(bundle);
}

int effects_undo(Bundle *bundle) {
        return undo_all(bundle, false);
}

int effects_undo_alone(Bundle *bundle) {
        return undo_all(bundle, true);
}
