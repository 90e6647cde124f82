/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStopPost=: undoes what the start did, after a stop, a crash or a failed start. */
#include <errno.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "helper/refusal.h"
#include "helper/verbs.h"
#include "host/cgroup.h"
#include "host/notify.h"
#include "source/places.h"
#include "start/foreground/run-file.h"
#include "start/powers.h"
#include "start/undo.h"
#include "start/user/become-root.h"

/* TimeoutStopSec= is how long the container may take to stop, which can be a second, and to systemd
 * also how long this may take. */
#define CLEANUP_USEC (UINT64_C(90) * 1000 * 1000)

/* Whether there is a tree that the container has written to. */
static int has_tree(const Bundle *bundle) {
        _cleanup_free_ char *tree = path_join(place_path(PLACE_CONTAINERS), bundle->id);

        if (!tree)
                return -ENOMEM;
        return access(tree, F_OK) >= 0 || errno != ENOENT;
}

/* What a user's container has written may be another ID's, which takes the user's namespace to
 * remove. Mostly all of it is the user's, and then the programs that map the IDs are not run. */
static int undo(const char *instance, Bundle *bundle) {
        int r = places_scope() == SCOPE_USER ? has_tree(bundle) : 0;
        _cleanup_bundle_ Bundle rest = BUNDLE_INIT;

        if (r < 0)
                return r;
        if (r == 0)
                return effects_undo_alone(bundle);
        if (effects_undo(bundle) >= 0)
                return 0;
        r = bundle_open(instance, &rest);
        if (r >= 0)
                r = become_user_root(rest.stem);
        return r < 0 ? r : effects_undo_alone(&rest);
}

int verb_cleanup(const char *instance) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = refuse_by_hand(FILE_CONTAINER, instance);

        if (r < 0)
                return r;
        /* By hand there is nobody to ask. */
        (void) notify_extend_timeout(CLEANUP_USEC);
        r = privileges_limit(UNDO_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to give up capabilities: %m");
        r = bundle_open(instance, &bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of \"%s\": %m", instance);
        cgroup_end_supervisor();
        r = undo(instance, &bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to undo the effects of %s, they stay recorded in %s: %m", bundle.stem,
                                       bundle.path);
        run_file_end(bundle.stem);
        return 0;
}
