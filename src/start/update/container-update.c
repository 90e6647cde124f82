/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps of an update. */
#include "start/update/container-update.h"

#include <errno.h>
#include <time.h>

#include "basic/directory.h"
#include "basic/process.h"
#include "host/bundle.h"
#include "image/image-use.h"
#include "kind/load.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/image-root.h"
#include "start/requested-pull.h"

enum {
        SETTLE_STEPS = 25, /* of 200 ms: a container that has not ended by then has come up */
        STEP_NSEC = 200 * 1000 * 1000,
};

int container_updates_list(StringList *ret_ids) {
        return directory_list(place_path(PLACE_BUNDLES), ret_ids);
}

/* Returns 0 also when there is none. */
static int read_running(const char *stem, char **ret_digest) {
        _cleanup_free_ char *instance = stem_escape(stem);
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = instance ? bundle_open(instance, &bundle) : -ENOMEM;

        if (r < 0 || bundle.fd < 0)
                return r == -EINVAL ? 0 : r;
        r = image_use_read(bundle.fd, ret_digest);
        return r == -ENOENT ? 0 : r;
}

int container_update_open(const char *id, Diagnostics *diagnostics, ContainerUpdate *ret) {
        _cleanup_free_ char *stem = container_stem_for(id);
        _cleanup_diagnostics_ Diagnostics unseen = {};
        int r = stem ? read_running(stem, &ret->running) : -ENOMEM;

        if (r < 0 || !ret->running)
                return r;
        /* What is wrong with the file now, its next start says. */
        r = container_find(stem, NULL, &unseen, &ret->container);
        if (r < 0 || !ret->container->image || ret->container->auto_update == AUTO_UPDATE_NO)
                return r == -ENOMEM ? r : 0;
        r = pull_request_from_container(ret->container, diagnostics, &ret->request);
        if (r < 0)
                return r;
        /* What runs is to be updated from where it came. */
        image_candidates_done(&ret->request.candidates);
        ret->name = image_instance(ret->request.reference.name);
        if (!ret->name)
                return -ENOMEM;
        r = store_open_existing(NULL, &ret->store);
        return r < 0 ? r : 1;
}

int container_update_find(ContainerUpdate *update, bool look_only, const PullReporter *reporter) {
        int r = 0;

        if (update->container->auto_update == AUTO_UPDATE_REGISTRY && look_only)
                return pull_look(&update->request, reporter, &update->wanted);
        if (update->container->auto_update == AUTO_UPDATE_REGISTRY) {
                update->request.policy = PULL_ALWAYS;
                r = pull(&update->request, reporter);
        }
        return r < 0 ? r : store_read_reference(&update->store, update->name, &update->wanted);
}

static const char *manager(void) {
        return places_scope() == SCOPE_USER ? "--user" : "--system";
}

bool container_update_is_up(const ContainerUpdate *update) {
        const char *argv[] = { "systemctl", manager(), "--quiet", "is-active", update->container->unit_name, NULL };

        return process_run(argv, NULL, 0) == 0;
}

bool container_update_restart(const ContainerUpdate *update) {
        const char *argv[] = { "systemctl", manager(), "restart", update->container->unit_name, NULL };
        const struct timespec step = { .tv_nsec = STEP_NSEC };
        bool up = process_run(argv, NULL, 0) == 0 && container_update_is_up(update);

        for (int i = 0; up && i < SETTLE_STEPS; i++) {
                (void) nanosleep(&step, NULL);
                up = container_update_is_up(update);
        }
        return up;
}

int container_update_take_back(const ContainerUpdate *update) {
        return store_write_reference(&update->store, update->name, update->running);
}

void container_update_done(ContainerUpdate *update) {
        store_done(&update->store);
        container_free(update->container);
        pull_request_done(&update->request);
        free(update->name);
        free(update->running);
        free(update->wanted);
}
